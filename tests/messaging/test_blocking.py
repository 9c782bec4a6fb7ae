"""`/api/visitors/{id}/block` and `unblock`: who may, what ends, what is refused, also at the same moment."""

from datetime import timedelta

import pytest

from api.errors import Problem
from events.models import Event
from messaging import services
from messaging.models import Message, Thread, Visitor
from tests import factories
from tests.messaging.conversations import as_user, thread, visitor
from tests.messaging.test_messages import in_parallel
from tests.messaging.test_privacy import hears
from tests.messaging.test_routing import a_chat, actions, available, now_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(agent):
    return thread(agent=agent)


@pytest.fixture
def block(talk):
    return f"visitors/{talk.visitor_id}/block"


def say(talk, content: str = "x") -> dict:
    return services.send_message(thread=talk.pk, visitor=talk.visitor, content=content)


def test_a_blocked_visitor_is_shown_so_and_its_messages_are_refused(api, agent, talk, block):
    shown = api.post(block, {})
    assert shown.status_code == 200 and shown.json()["blockedAt"]
    read = api.get(f"visitors/{talk.visitor_id}")
    assert (read.json(), read["ETag"]) == (shown.json(), shown["ETag"])
    assert api.get("visitors/list").json() == [shown.json()]
    assert Visitor.objects.get().blocked_by == agent
    with pytest.raises(Problem) as refused:
        say(talk)
    assert (refused.value.code, refused.value.status) == ("visitor_blocked", 403)
    assert not Message.objects.exists() and Thread.objects.get().last_seq == 0


def test_what_is_open_with_it_is_closed_and_nothing_else(api, talk, block):
    waits = thread(visitor=talk.visitor, team=factories.team())
    closed = services.close_thread(thread_id=thread(visitor=talk.visitor).pk, actor=None)
    ticket = services.create_thread(type="TICKET", visitor=talk.visitor)
    other = thread()
    api.post(block, {})
    states = {each.pk: each.state for each in Thread.objects.all()}
    assert (states[talk.pk], states[waits.pk], states[closed.pk]) == ("closed",) * 3
    assert (states[ticket.pk], states[other.pk]) == ("open", "queued")
    ended = Event.objects.filter(type="thread.closed").values_list("object_id", flat=True)
    assert sorted(ended) == sorted([str(talk.pk), str(waits.pk), str(closed.pk)])


def test_whose_conversation_ends_gets_the_next_of_somebody_else_and_not_of_the_same(admin):
    agent = available(team := factories.team(), capacity=1)
    first, waiting = a_chat(team), a_chat(team)
    same = a_chat(team, visitor=first.visitor)
    Thread.objects.filter(pk=same.pk).update(queued_at=waiting.queued_at - timedelta(hours=1))
    services.block_visitor(visitor_id=first.visitor_id, actor=admin)
    assert now_of(same) == ("closed", None) and now_of(waiting) == ("open", agent)
    assert actions(same) == ["created", "closed"]


def test_an_unblocked_visitor_writes_again(api, talk, block):
    api.post(block, {})
    shown = api.post(block.replace("block", "unblock"), {}).json()
    assert shown["blockedAt"] is None and Visitor.objects.get().blocked_by is None
    assert Thread.objects.get().state == "closed"
    assert say(talk)["seq"] == 1
    assert Thread.objects.get().state == "open"


def test_saying_it_twice_changes_nothing(api, block):
    for path, event in ((block, "visitor.blocked"), (block.replace("block", "unblock"), "visitor.unblocked")):
        answers = [api.post(path, {}).json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert Event.objects.filter(type=event).count() == 1


def test_agents_still_read_and_change_and_write_to_it(api, agent, talk, block):
    say(talk, "before")
    shown = api.post(block, {}).json()
    assert api.get(f"messages/list?thread={talk.pk}").json()[0]["content"] == "before"
    changed = api.put(f"visitors/{talk.visitor_id}", shown | {"nickname": "Spam"}).json()
    assert changed["nickname"] == "Spam" and changed["blockedAt"] == shown["blockedAt"]
    services.reopen_thread(thread_id=talk.pk, actor=agent)
    assert api.post("messages/send", {"thread": str(talk.pk), "content": "Sorry"}).status_code == 200


def test_blocking_again_ends_what_was_reopened(api, agent, talk, block):
    api.post(block, {})
    api.post(block.replace("block", "unblock"), {})
    services.reopen_thread(thread_id=talk.pk, actor=agent)
    api.post(block, {})
    assert Thread.objects.get().state == "closed"


class TestWhoMay:
    @pytest.mark.parametrize(
        ("who", "expected"),
        [("agent", 200), ("supervisor", 200), ("admin", 200), ("limited", 200), ("limited elsewhere", 404)],
    )
    def test_who_sees_the_visitor_blocks_it_and_hears_of_it(self, who, expected):
        team = factories.team()
        talk = thread(team=team)
        caller = {
            "agent": lambda: as_user(factories.agent()),
            "supervisor": lambda: as_user(factories.supervisor()),
            "admin": lambda: as_user(factories.admin()),
            "limited": lambda: as_user(factories.agent(teams=[team]), team_ids=[team.pk]),
            "limited elsewhere": lambda: as_user(factories.supervisor(), team_ids=[factories.team().pk]),
        }[who]()
        for action in ("block", "unblock"):
            assert caller.post(f"visitors/{talk.visitor_id}/{action}", {}).status_code == expected
        services.block_visitor(visitor_id=talk.visitor_id, actor=factories.agent())
        for event in Event.objects.filter(type__startswith="visitor.", data__has_key="blockedAt"):
            assert hears(caller, event) == (expected == 200)
            assert set(event.data) == {"id", "blockedAt"}

    def test_the_scope_to_write_messages_is_needed(self, agent, block):
        reader = as_user(agent, scope_names=["messages:read"])
        for path in (block, block.replace("block", "unblock")):
            assert reader.post(path, {}).json()["code"] == "insufficient_scope"

    @pytest.mark.parametrize("id", ["x", "00000000-0000-7000-8000-000000000000"])
    def test_who_is_not_there_is_not_found(self, api, id):
        assert api.post(f"visitors/{id}/block", {}).json()["code"] == "not_found"
        assert api.post(f"visitors/{id}/unblock", {}).json()["code"] == "not_found"


def test_the_list_of_visitors_costs_what_it_cost(api, block, django_assert_num_queries):
    visitor("Another")
    api.post(block, {})
    with django_assert_num_queries(2):
        assert len(api.get("visitors/list").json()) == 2


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.mark.parametrize("state", ["open", "closed"])
    def test_no_message_slips_through_and_none_leaves_a_thread_open(self, api, talk, block, state):
        if state == "closed":
            services.close_thread(thread_id=talk.pk, actor=None)

        def work(number: int):
            if number == 3:
                return type(api)(api.token).post(block, {}).status_code
            try:
                return say(talk, f"{number}")["seq"]
            except Problem as problem:
                return problem.code

        answers = in_parallel(8, work)
        stored = Message.objects.count()
        assert answers.count("visitor_blocked") == 7 - stored
        now = Thread.objects.get()
        assert (now.state, now.last_seq) == ("closed", stored)

    def test_of_two_who_block_one_does(self, api, block):
        answers = in_parallel(6, lambda n: type(api)(api.token).post(block, {}).json()["blockedAt"])
        assert len(set(answers)) == 1 and Event.objects.filter(type="visitor.blocked").count() == 1
        assert Event.objects.filter(type="thread.closed").count() == 1
