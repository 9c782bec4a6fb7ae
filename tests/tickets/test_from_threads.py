"""Tickets made from conversations, by agents; and from messages that visitors left, by the worker."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from events import readers
from events.models import Event, ReaderPlace
from messaging import services
from messaging.models import LeftMessage, Message, Thread
from messaging.services.chat import identify
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.desk import ROOT, environment
from tests.messaging.conversations import as_user, thread, visitor
from tests.streams import settle
from tests.tickets.test_plans import plan  # noqa: F401 - a fixture
from tickets import services as tickets
from tickets.models import Ticket


def left(content: str = "Please call me", client_id: str = "1", **more) -> LeftMessage:
    who = more.pop("visitor", None) or identify(known=None, uid="", signature="", facts={})
    given = {"type": "WORKGROUP", "sid": "", "email": "ann@example.com"} | more
    return services.leave_message(visitor=who, content=content, client_id=client_id, **given)


@pytest.fixture
def team(db):
    return factories.team("Sales")


@pytest.fixture
def agent(team):
    return factories.agent(teams=[team])


@pytest.fixture
def talk(team):
    return thread(team=team, visitor=visitor("Ann"), topic="Delivery of order 17")


@pytest.fixture
def api(agent):
    return as_user(agent)


class TestMadeByAnAgent:
    def test_takes_from_the_conversation_what_nobody_says(self, api, talk, team, agent):
        made = api.post("tickets/create", {"originThread": str(talk.pk)}).json()
        assert made["title"] == "Delivery of order 17"
        assert made["originThread"] == str(talk.pk) != made["thread"]
        assert made["requester"]["nickname"] == "Ann" and made["team"]["name"] == "Sales"
        assert made["assignee"] is None
        assert Event.objects.get(type="ticket.created").data["originThread"] == str(talk.pk)
        assert api.get(f"tickets/{made['id']}").json() == made

    def test_what_is_said_counts(self, api, talk, agent):
        given = {"title": "Call back", "requester": {"nickname": "Bob"}, "team": None, "assignee": "me"}
        made = api.post("tickets/create", given | {"originThread": str(talk.pk)}).json()
        assert (made["title"], made["requester"]["nickname"], made["team"]) == ("Call back", "Bob", None)
        assert made["assignee"]["id"] == str(agent.pk)

    def test_without_a_topic_the_last_message_says_what_it_is_about(self, api, talk):
        Thread.objects.update(topic="")
        services.send_message(thread=talk, visitor=talk.visitor, content="\n 订单 17 没有到 \n请查一下")
        made = api.post("tickets/create", {"originThread": str(talk.pk)}).json()
        assert made["title"] == "订单 17 没有到"

    def test_without_any_word_the_visitors_name_does(self, api, talk):
        Thread.objects.update(topic="")
        assert api.post("tickets/create", {"originThread": str(talk.pk)}).json()["title"] == "Ann"

    def test_leaves_a_note_that_the_visitor_does_not_see(self, api, talk):
        services.send_message(thread=talk, visitor=talk.visitor, content="Hello")
        made = api.post("tickets/create", {"originThread": str(talk.pk)}).json()
        note = Message.objects.get(thread=talk, type="system")
        assert f"#{made['number']}" in note.content and note.visibility == "internal"
        event = Event.objects.get(type="message.created", object_id=str(note.pk))
        assert not any(channel.startswith("chat/") for channel in event.audience)
        talk.refresh_from_db()
        assert (talk.last_seq, talk.last_content) == (2, "Hello")

    def test_the_note_is_in_the_desks_language(self, api, talk):
        change_settings(group="general", values={"language": "zh-hans"})
        forget_kept()
        made = api.post("tickets/create", {"originThread": str(talk.pk)}).json()
        assert f"创建工单 #{made['number']}" in Message.objects.get(thread=talk).content

    def test_is_made_of_a_conversation_that_is_over_too(self, api, talk, agent):
        services.accept_thread(thread_id=talk.pk, actor=agent)
        services.close_thread(thread_id=talk.pk, actor=agent)
        assert api.post("tickets/create", {"originThread": str(talk.pk)}).status_code == 200
        talk.refresh_from_db()
        assert talk.state == "closed"

    def test_is_found_by_its_conversation(self, api, talk, django_assert_num_queries):
        one, two = (
            api.post("tickets/create", {"originThread": str(talk.pk), "title": title}).json()
            for title in "ab"
        )
        api.post("tickets/create", {"title": "Another"})
        with django_assert_num_queries(2):
            found = api.get("tickets/list", {"originThread": str(talk.pk)}).json()
        assert found == [two, one]
        assert len(api.get("tickets/list", {"originThread": "none"}).json()) == 1
        assert api.get("tickets/list", {"originThread": "x"}).json()["parameter"] == "originThread"

    def test_a_caller_makes_none_of_what_it_does_not_see(self, talk):
        stranger = as_user(factories.agent(teams=[factories.team()]))
        private = thread(type="MEMBER", agent=factories.agent(), visitor=None, actor=factories.agent())
        for unseen in (talk.pk, private.pk, "00000000-0000-7000-8000-000000000000"):
            refused = stranger.post("tickets/create", {"originThread": str(unseen)})
            assert refused.json()["errors"][0]["code"] == "not_found"
        assert not Ticket.objects.exists() and not Message.objects.exists()

    def test_a_token_that_reads_no_conversations_makes_none_of_them(self, agent, talk):
        narrow = as_user(agent, scope_names=["tickets:read", "tickets:write"])
        refused = narrow.post("tickets/create", {"originThread": str(talk.pk)})
        assert refused.json()["code"] == "insufficient_scope"

    def test_a_token_that_is_limited_to_the_team_gives_it_to_that_team(self, talk, team):
        limited = as_user(factories.supervisor(), team_ids=[team.pk, factories.team().pk])
        assert limited.post("tickets/create", {"originThread": str(talk.pk)}).json()["team"]["id"] == str(
            team.pk
        )

    def test_the_replies_of_a_ticket_are_no_conversation_to_make_one_of(self, api):
        first = api.post("tickets/create", {"title": "x"}).json()
        refused = api.post("tickets/create", {"originThread": first["thread"]}).json()
        assert (refused["errors"][0]["field"], refused["errors"][0]["code"]) == ("originThread", "invalid")

    def test_what_colleagues_say_is_no_title(self, api, agent):
        said = services.create_thread(type="MEMBER", agent=factories.agent(), actor=agent)
        services.send_message(thread=said, user=agent, content="Between you and me")
        refused = api.post("tickets/create", {"originThread": str(said.pk)}).json()
        assert (refused["errors"][0]["field"], refused["errors"][0]["code"]) == ("originThread", "invalid")

    @pytest.mark.parametrize("given", ["x", 7, [], {"id": "x"}])
    def test_what_is_no_id_is_refused(self, api, given):
        assert api.post("tickets/create", {"originThread": given}).status_code == 400

    def test_the_origin_never_changes_and_a_whole_ticket_may_be_sent_back(self, api, talk):
        made = api.post("tickets/create", {"originThread": str(talk.pk)}).json()
        assert api.put(f"tickets/{made['id']}", made | {"originThread": None}).json() == made
        assert api.post("tickets/create", made | {"originThread": None}).json()["originThread"] is None

    def test_a_refusal_leaves_nothing_behind(self, api, talk):
        refused = api.post("tickets/create", {"originThread": str(talk.pk), "assignee": str(talk.pk)})
        assert refused.status_code == 400
        assert not Message.objects.exists() and not Ticket.objects.exists()

    def test_costs_a_fixed_number_of_statements(self, api, talk, django_assert_num_queries):
        api.post("tickets/create", {"originThread": str(talk.pk)})
        with django_assert_num_queries(10):
            api.post("tickets/create", {"originThread": str(talk.pk)})

    def test_its_list_is_read_through_an_index(self, api, talk, plan):  # noqa: F811
        from tests.tickets.rows import load

        load(20_000)
        api.post("tickets/create", {"originThread": str(talk.pk)})
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tickets_ticket")
        assert "tickets_of_origin" in plan(api, originThread=str(talk.pk))


class TestMadeOfALeftMessage:
    def test_says_who_left_what_and_how_to_answer(self, team, admin_api):
        message = left("Order 17\nPlease call me", nickname="Ann", phone="+49 30 123456")
        made = tickets.create_ticket_of_left_message(message_id=message.pk)
        shown = admin_api.get(f"tickets/{made['id']}").json()
        assert (shown["title"], shown["content"]) == ("Order 17", "Order 17\nPlease call me")
        assert (shown["tags"], shown["team"]["name"]) == (["offline"], "Sales")
        assert shown["requester"]["id"] == str(message.visitor_id)
        contact = {"nickname": "Ann", "email": "ann@example.com", "phone": "+49 30 123456"}
        assert shown["customFields"] == contact
        event = Event.objects.get(type="ticket.created")
        assert (event.actor_id, event.audience) == (None, ["tickets/all", f"tickets/team:{team.pk}"])
        answer = admin_api.post(
            "messages/send", {"thread": shown["thread"], "content": "We call you at ten."}
        )
        assert answer.status_code == 200

    def test_knows_the_conversation_that_had_waited(self, team):
        waiting = thread(team=team)
        message = left(visitor=waiting.visitor)
        made = tickets.create_ticket_of_left_message(message_id=message.pk)
        assert made["originThread"] == waiting.pk

    def test_a_long_first_line_is_cut_for_the_title(self, team):
        made = tickets.create_ticket_of_left_message(message_id=left("很" * 500).pk)
        assert made["title"] == "很" * 299 + "…" and len(made["content"]) == 500

    def test_there_is_one_whatever_happens_to_its_people(self, team):
        message = left()
        assert tickets.create_ticket_of_left_message(message_id=message.pk)
        assert tickets.create_ticket_of_left_message(message_id=message.pk) is None
        other = left(client_id="2")
        other.visitor.delete()
        made = tickets.create_ticket_of_left_message(message_id=other.pk)
        assert made["requester"] is None and Ticket.objects.count() == 2
        assert tickets.create_ticket_of_left_message(message_id=team.pk) is None

    def test_goes_with_its_ticket_when_the_bin_is_emptied(self, team):
        tickets.create_ticket_of_left_message(message_id=left().pk)
        Ticket.objects.update(deleted_at="2026-01-01T00:00:00Z")
        assert tickets.empty_bin() == 1
        assert not LeftMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestTheWorker:
    def test_makes_each_ticket_once(self):
        factories.team()
        messages = [left(str(number), str(number)) for number in range(4)]
        settle()
        readers.read_all()
        readers.read_all()
        assert Ticket.objects.count() == 4
        ReaderPlace.objects.filter(pk="tickets.left_messages").delete()  # as if it had read nothing yet
        readers.read_all()
        kept = Ticket.objects.order_by("number").values_list("left_message", flat=True)
        assert list(kept) == [each.pk for each in messages]

    def test_killed_again_and_again_it_makes_each_ticket_exactly_once(self, tmp_path):
        factories.team()
        left("0", "0")
        settle()
        readers.read_all()  # its place is kept: what follows is read from there
        log = (tmp_path / "worker.log").open("wb")

        def work() -> subprocess.Popen:
            command = [sys.executable, str(ROOT / "manage.py"), "worker"]
            return subprocess.Popen(
                command, env=environment(), cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

        number = 0
        for _ in range(3):
            worker, made = work(), Ticket.objects.count()
            until = time.monotonic() + 60
            while Ticket.objects.count() < made + 5 and time.monotonic() < until:
                number += 1
                left(str(number), str(number))  # it is killed while it makes tickets
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        last, until = work(), time.monotonic() + 60
        try:
            while Ticket.objects.count() < number + 1 and time.monotonic() < until:
                time.sleep(0.2)
            time.sleep(0.5)
        finally:
            os.killpg(last.pid, signal.SIGKILL)
            last.wait()
        assert number >= 15
        made = sorted(Ticket.objects.values_list("left_message", flat=True))
        assert made == sorted(LeftMessage.objects.values_list("pk", flat=True))
        assert Event.objects.filter(type="ticket.created").count() == number + 1
