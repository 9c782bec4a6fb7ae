"""Editing and recalling messages: by whom, how long, and that the old text is readable nowhere."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from messaging import services
from messaging.models import Message, Thread
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import as_user, ids, thread
from tests.messaging.test_messages import in_parallel
from tests.messaging.test_privacy import hears

pytestmark = pytest.mark.django_db
SECRET = "password 我的密码 hunter2"


@pytest.fixture
def talk(agent):
    return thread(agent=agent)


@pytest.fixture
def sent(agent, talk):
    """A message of the agent of `api`, the last of its thread."""
    return services.send_message(thread=talk, user=agent, content=SECRET)


def aged(sent, seconds: int) -> None:
    Message.objects.filter(pk=sent["id"]).update(created_at=timezone.now() - timedelta(seconds=seconds))


def refusal(response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_an_edited_message_keeps_its_place_and_says_when(api, sent, talk):
    path = f"messages/{sent['id']}"
    assert api.get(path).json()["editedAt"] is None
    edited = api.put(path, {"content": "Corrected"})
    shown = edited.json()
    assert edited.status_code == 200 and shown["content"] == "Corrected" and shown["seq"] == 1
    assert shown["editedAt"] and shown["recalledAt"] is None
    assert api.get(path).json() == shown and api.get(path)["ETag"] == edited["ETag"]
    assert api.get(f"messages/list?thread={talk.pk}").json() == [shown]
    event = Event.objects.get(type="message.updated")
    assert event.data["content"] == "Corrected"
    assert event.audience == Event.objects.get(type="message.created").audience


def test_a_recalled_message_keeps_its_place_and_is_empty(api, sent, talk):
    services.send_message(thread=talk, user=talk.agent, content="Next")
    recalled = api.post(f"messages/{sent['id']}/recall").json()
    assert (recalled["content"], recalled["seq"]) == ("", 1) and recalled["recalledAt"]
    listed = api.get(f"messages/list?thread={talk.pk}").json()
    assert [each["seq"] for each in listed] == [1, 2] and listed[0] == recalled
    assert Event.objects.get(type="message.recalled").data["content"] == ""


def test_recalling_again_changes_nothing(api, sent):
    answers = [api.post(f"messages/{sent['id']}/recall") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Event.objects.filter(type="message.recalled").count() == 1


@pytest.mark.parametrize("how", ["edit", "recall", "edit and recall"])
def test_the_old_text_is_readable_nowhere(api, admin_api, sent, talk, how):
    services.close_thread(thread_id=talk.pk, actor=talk.agent)  # its event shows the thread's last content
    services.reopen_thread(thread_id=talk.pk, actor=talk.agent)
    assert any(SECRET in str(each.data) for each in Event.objects.filter(type="thread.closed"))
    if "edit" in how:
        api.put(f"messages/{sent['id']}", {"content": "Better"})
    if "recall" in how:
        api.post(f"messages/{sent['id']}/recall")
    of_thread = f"messages/list?thread={talk.pk}"
    for path in (f"messages/{sent['id']}", of_thread, "messages/list", "threads/list", f"threads/{talk.pk}"):
        for each in (api, admin_api):
            assert "hunter2" not in each.get(path).content.decode()
    assert ids(api.get("messages/list?q=hunter2")) == set()
    assert not [each for each in Event.objects.all() if "hunter2" in str(each.data)]
    if how == "edit and recall":
        assert not [each for each in Event.objects.all() if "Better" in str(each.data)]


class TestTheThread:
    def test_its_last_content_follows_its_last_message(self, api, sent, talk):
        api.put(f"messages/{sent['id']}", {"content": "x" * 300})
        assert api.get(f"threads/{talk.pk}").json()["content"] == "x" * 200
        api.post(f"messages/{sent['id']}/recall")
        assert api.get(f"threads/{talk.pk}").json()["content"] == ""

    def test_a_note_after_it_is_not_what_the_thread_shows(self, api, agent, sent, talk):
        note = services.send_message(thread=talk, user=agent, content="Hm", visibility="internal")
        api.put(f"messages/{note['id']}", {"content": "Hmm"})
        assert Thread.objects.get(pk=talk.pk).last_content == SECRET
        api.put(f"messages/{sent['id']}", {"content": "Hi"})
        assert Thread.objects.get(pk=talk.pk).last_content == "Hi"

    def test_an_earlier_message_leaves_it(self, api, sent, talk):
        services.send_message(thread=talk, visitor=talk.visitor, content="Later")
        api.put(f"messages/{sent['id']}", {"content": "Hi"})
        api.post(f"messages/{sent['id']}/recall")
        assert Thread.objects.get(pk=talk.pk).last_content == "Later"


class TestWhoAndWhen:
    def test_the_sender_within_the_time_that_is_set(self, api, sent):
        path = f"messages/{sent['id']}"
        aged(sent, 890)
        assert api.put(path, {"content": "In time"}).status_code == 200
        aged(sent, 910)
        assert refusal(api.put(path, {"content": "Late"})) == (409, "invalid_state")
        assert refusal(api.post(f"{path}/recall")) == (409, "invalid_state")
        change_settings(group="chat", values={"editSeconds": 1000})
        from settings_app.queries import forget_kept

        forget_kept()
        assert api.post(f"{path}/recall").status_code == 200
        assert refusal(api.put(path, {"content": "x"})) == (409, "invalid_state")

    @pytest.mark.parametrize(
        ("who", "edits", "recalls"),
        [
            ("colleague", 403, 403),
            ("stranger", 404, 404),
            ("supervisor", 403, 200),
            ("admin", 403, 200),
            ("limited supervisor", 403, 200),
            ("supervisor of others", 404, 404),
        ],
    )
    def test_nobody_else_edits_and_supervisors_recall_at_any_time(self, agent, who, edits, recalls):
        team = factories.team()
        talk = thread(team=team, agent=agent, type="WORKGROUP")
        sent = services.send_message(thread=talk, user=agent, content="x")
        aged(sent, 10_000_000)
        caller = {
            "colleague": lambda: as_user(factories.agent(teams=[team])),
            "stranger": lambda: as_user(factories.agent()),
            "supervisor": lambda: as_user(factories.supervisor()),
            "admin": lambda: as_user(factories.admin()),
            "limited supervisor": lambda: as_user(factories.supervisor(), team_ids=[team.pk]),
            "supervisor of others": lambda: as_user(factories.supervisor(), team_ids=[factories.team().pk]),
        }[who]()
        path = f"messages/{sent['id']}"
        assert caller.put(path, {"content": "y"}).status_code == edits
        assert caller.post(f"{path}/recall").status_code == recalls
        for event in Event.objects.filter(object_id=str(sent["id"])):
            assert hears(caller, event) == (who not in ("stranger", "supervisor of others"))

    @pytest.mark.parametrize("sender", ["visitor", "desk"])
    def test_what_a_visitor_or_the_desk_wrote_nobody_changes(self, api, admin_api, talk, sender):
        who = {"visitor": talk.visitor} if sender == "visitor" else {}
        said = services.send_message(thread=talk, content="x", **who)
        for caller in (api, admin_api):
            path = f"messages/{said['id']}"
            assert refusal(caller.put(path, {"content": "y"})) == (403, "role_not_permitted")
            assert refusal(caller.post(f"{path}/recall")) == (403, "role_not_permitted")

    def test_what_two_colleagues_say_only_its_sender_changes(self, agent):
        other = factories.supervisor()
        talk = services.create_thread(type="MEMBER", agent=other, actor=agent)
        said = services.send_message(thread=talk, user=agent, content="Psst")
        path = f"messages/{said['id']}"
        assert as_user(other).post(f"{path}/recall").status_code == 403
        assert as_user(factories.admin()).post(f"{path}/recall").status_code == 404
        assert as_user(agent).put(path, {"content": "Hm"}).status_code == 200
        event = Event.objects.get(type="message.updated")
        assert set(event.audience) == {f"messages/user:{agent.pk}", f"messages/user:{other.pk}"}

    def test_a_token_that_only_reads_changes_nothing(self, agent, sent):
        reader = as_user(agent, scope_names=["messages:read"])
        path = f"messages/{sent['id']}"
        assert refusal(reader.put(path, {"content": "y"})) == (403, "insufficient_scope")
        assert refusal(reader.post(f"{path}/recall")) == (403, "insufficient_scope")


def test_only_texts_are_edited_but_anything_is_recalled(api, agent, talk):
    image = services.send_message(thread=talk, user=agent, type="image", content="https://x.example/a.png")
    path = f"messages/{image['id']}"
    assert refusal(api.put(path, {"content": "https://x.example/b.png"})) == (409, "invalid_state")
    assert api.post(f"{path}/recall").json()["content"] == ""
    assert Thread.objects.get(pk=talk.pk).last_content == ""


@pytest.mark.parametrize("content", ["", " \n", "x" * 20_001, 5, None])
def test_what_cannot_be_a_message_is_refused_by_field(api, sent, content):
    response = api.put(f"messages/{sent['id']}", {"content": content})
    assert response.status_code == 400 and response.json()["errors"][0]["field"] == "content"
    assert Message.objects.get().content == SECRET


def test_a_whole_object_sent_back_is_no_edit(api, admin_api, sent):
    path = f"messages/{sent['id']}"
    for caller in (api, admin_api):
        assert caller.put(path, caller.get(path).json()).json()["editedAt"] is None
    assert not Event.objects.filter(type="message.updated").exists()


def test_an_edit_costs_a_fixed_number_of_statements(api, sent, django_assert_num_queries):
    path = f"messages/{sent['id']}"
    api.put(path, {"content": "1"})
    # The caller; savepoint, the message's thread, its lock, the message, and as it is shown for If-Match;
    # message, its events, the thread's, is it the last, thread, as it is shown, event, release.
    with django_assert_num_queries(14):
        api.put(path, {"content": "2"})


@pytest.mark.django_db(transaction=True)
class TestInParallel:
    def test_of_editors_with_one_if_match_exactly_one_wins(self, api, sent):
        path = f"messages/{sent['id']}"
        match = {"If-Match": api.get(path)["ETag"]}
        answers = in_parallel(
            6, lambda n: type(api)(api.token).put(path, {"content": f"{n}"}, headers=match).status_code
        )
        assert sorted(answers) == [200] + [412] * 5

    def test_a_recall_among_edits_and_senders_leaves_nothing_behind(self, api, agent, sent, talk):
        path = f"messages/{sent['id']}"

        def work(number: int):
            caller = type(api)(api.token)
            if number == 0:
                return caller.post(f"{path}/recall").status_code
            if number % 2:
                return caller.put(path, {"content": f"hunter2 {number}"}).status_code
            return caller.post("messages/send", {"thread": str(talk.pk), "content": "x"}).status_code

        answers = in_parallel(8, work)
        assert set(answers) <= {200, 409}
        assert Message.objects.get(pk=sent["id"]).content == ""
        assert not [each for each in Event.objects.all() if "hunter2" in str(each.data)]
        seqs = Message.objects.filter(thread=talk).order_by("seq").values_list("seq", flat=True)
        assert list(seqs) == [1, 2, 3, 4]
