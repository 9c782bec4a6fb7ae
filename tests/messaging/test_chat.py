"""The visitor's side: its conversation, and what it hears."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from messaging import services
from messaging.models import Message, Thread, Visitor
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import Browser, as_user
from tests.streams import listen, settle
from tokens import throttle


@pytest.fixture
def team(db):
    return factories.team()


@pytest.fixture
def browser(team):
    browser = Browser(t="1", sid=str(team.pk))
    assert browser.open().status_code == 200
    return browser


class TestTheConversation:
    def test_begins_with_the_first_message_and_goes_on(self, browser, team):
        assert browser.open().json()["thread"] is None
        sent = browser.say("Hello?").json()
        assert (sent["seq"], sent["user"]["type"]) == (1, "visitor")
        shown = browser.open().json()["thread"]
        assert (shown["state"], shown["position"], shown["team"]) == ("queued", 1, {"name": team.name})
        browser.say("Anybody?")
        assert Thread.objects.count() == 1
        assert [each["seq"] for each in browser.get("messages?after=1").json()] == [2]
        assert [each["seq"] for each in browser.get("messages?before=2").json()] == [1]

    def test_the_same_client_id_is_one_message(self, browser):
        first, again = browser.say("Hello", "a").json(), browser.say("Hello", "a").json()
        assert first["id"] == again["id"] and Message.objects.count() == 1

    def test_an_agent_answers_and_its_notes_stay_with_the_desk(self, browser):
        browser.say("Hello")
        agent = factories.agent()
        thread = Thread.objects.get()
        services.accept_thread(thread_id=thread.pk, actor=agent)
        services.send_message(thread=thread, user=agent, content="Hi!")
        services.send_message(thread=thread, user=agent, content="A fool", visibility="internal")
        assert [each["content"] for each in browser.get("messages").json()] == ["Hello", "Hi!"]
        heard = Event.objects.filter(audience__contains=[f"chat/visitor:{browser.visitor.pk}"])
        assert "A fool" not in str(list(heard.values_list("data", flat=True)))
        assert set(heard.values_list("type", flat=True)) == {"message.created", "chat.thread"}
        assert browser.open().json()["thread"]["agent"]["nickname"] == agent.shown_name

    def test_an_edited_or_recalled_answer_changes_on_the_visitors_page_too(self, browser):
        browser.say("Hello")
        agent = factories.supervisor()
        sent = services.send_message(thread=Thread.objects.get(), user=agent, content="Hi Bob!")
        as_user(agent).put(f"messages/{sent['id']}", {"content": "Hi Ann!"})
        assert browser.get("messages?after=1").json()[0]["content"] == "Hi Ann!"
        as_user(agent).post(f"messages/{sent['id']}/recall")
        (recalled,) = browser.get("messages?after=1").json()
        assert (recalled["content"], bool(recalled["recalledAt"])) == ("", True)
        heard = Event.objects.filter(audience__contains=[f"chat/visitor:{browser.visitor.pk}"])
        assert {"message.updated", "message.recalled"} <= set(heard.values_list("type", flat=True))
        assert "Bob" not in str(list(heard.values_list("data", flat=True)))

    def test_nobody_reads_another_visitors(self, browser):
        browser.say("Secret")
        other = Browser(**browser.opening)
        other.open()
        assert other.get("messages").json() == []
        assert other.post("read").status_code == other.post("close").status_code == 404

    def test_is_read_by_both_sides(self, browser):
        browser.say("Hello")
        agent = factories.agent()
        thread = services.accept_thread(thread_id=Thread.objects.get().pk, actor=agent)
        services.send_message(thread=thread, user=agent, content="Hi!")
        assert browser.post("read", {"seq": 99}).json()["seq"] == 2
        assert browser.post("read", {"seq": 1}).json()["seq"] == 2
        assert Event.objects.filter(type="thread.read_by_visitor").count() == 1
        services.read_thread(thread_id=thread.pk, user=agent)
        assert browser.open().json()["thread"]["agentReadSeq"] == 2

    def test_is_rated_when_it_is_over(self, browser):
        browser.say("Hello")
        assert browser.post("rate", {"score": 5}).json()["code"] == "invalid_state"
        assert browser.post("close").json()["state"] == "closed"
        assert browser.post("rate", {"score": 6}).status_code == 400
        assert browser.post("rate", {"score": 4, "comment": "谢谢"}).json()["rating"] == 4
        assert Event.objects.get(type="thread.rated").data["action"] == "rated"
        browser.say("One more thing")
        assert browser.open().json()["thread"]["state"] == "queued"

    @pytest.mark.parametrize(
        ("t", "sid", "field"),
        [
            ("3", "", "t"),
            ("2", "", "sid"),
            ("x", "", "t"),
            ("0", "", "sid"),
            ("0", "nobody", "sid"),
            ("1", "Nowhere", "sid"),
        ],
    )
    def test_a_wrong_address_is_named(self, team, t, sid, field):
        browser = Browser(t=t, sid=sid)
        browser.open()
        refused = browser.open() if field == "t" or sid else browser.say("x")
        assert refused.json()["errors"][0]["field"] == field

    def test_goes_to_an_agent_by_name(self, team):
        agent = factories.agent(username="ann")
        browser = Browser(t="0", sid="ann")
        browser.open()
        browser.say("Hello Ann")
        thread = Thread.objects.get()
        assert (thread.agent, thread.type, thread.state) == (agent, "AGENT", "open")
        assert as_user(agent).get("threads/list").json()[0]["unreadCount"] == 1

    def test_a_blocked_visitor_writes_no_more(self, browser):
        Visitor.objects.update(blocked_at="2026-01-01T00:00:00Z")
        assert browser.say("Hello").json()["code"] == "visitor_blocked"
        assert browser.get("stream").json()["code"] == "visitor_blocked"

    def test_a_blocked_visitor_does_nothing_more_and_leaves_no_trace(self, browser):
        browser.say("Hello")
        browser.post("close")
        Visitor.objects.update(blocked_at="2026-01-01T00:00:00Z")
        before, events = Visitor.objects.values().get(), Event.objects.count()
        for path, body in (
            ("read", {}),
            ("delivered", {"seq": 1}),
            ("typing", {"content": "x"}),
            ("rate", {"score": 1}),
            ("close", {}),
            ("page", {"url": "https://shop.example/"}),
            ("human", {}),
        ):
            assert browser.post(path, body).json()["code"] == "visitor_blocked", path
        opened = browser.open(nickname="Nasty", page={"url": "https://shop.example/"})
        assert opened.json()["thread"]["lastSeq"] == 1
        assert (Visitor.objects.values().get(), Event.objects.count()) == (before, events)
        assert not browser.visitor.pages.exists()

    def test_the_same_rating_again_tells_nobody(self, browser):
        browser.say("Hello")
        browser.post("close")
        for score in (4, 4, 5):
            assert browser.post("rate", {"score": score}).json()["rating"] == score
        assert Event.objects.filter(type="thread.rated").count() == 2

    @pytest.mark.parametrize(
        ("path", "body", "most"),
        [
            ("rate", {"score": 1}, 10),
            ("close", {}, 30),
            ("page", {"url": "https://shop.example/"}, 60),
            ("typing", {"content": "x"}, 120),
        ],
    )
    def test_a_visitor_calls_only_so_often_a_minute(self, browser, monkeypatch, path, body, most):
        browser.say("Hello")
        throttle.forget_failures()
        monkeypatch.setattr(throttle.time, "time", lambda: 1_800_000_000.0)  # one minute, however slow we are
        answers = [browser.post(path, body).status_code for _ in range(most + 1)]
        assert 429 not in answers[:-1] and answers[-1] == 429
        other = Browser(**browser.opening)
        other.open()
        assert other.post(path, body).status_code != 429

    @pytest.mark.parametrize("kind", ["image", "file"])
    @pytest.mark.parametrize("content", ["/api/events/list?wait=25", "https://x.example/a.png"])
    def test_a_picture_or_file_of_a_visitor_is_an_upload_and_no_address(self, browser, kind, content):
        refused = browser.post("send", {"type": kind, "content": content, "clientId": "a"} | browser.opening)
        assert refused.json()["errors"][0] | {"detail": ""} == {
            "field": "attachment",
            "code": "required",
            "detail": "",
        }
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        ("fact", "value"),
        [
            ("avatar", "/api/events/list?wait=25"),
            ("avatar", "//x.example/a.png"),
            ("avatar", "javascript:alert(1)"),
            ("email", "no address"),
            ("customFields", {"n": 2**70}),
            ("customFields", {f"field {n}": "字" * 500 for n in range(30)}),
        ],
    )
    def test_a_fact_that_cannot_be_stored_is_dropped_and_the_others_stay(self, browser, fact, value):
        assert browser.open(**{fact: value, "nickname": "Ann"}).status_code == 200
        found = browser.visitor
        assert (found.nickname, found.avatar, found.email, found.custom_fields) == ("Ann", "", "", {})

    @pytest.mark.parametrize("fact", ["customFields", "device"])
    def test_a_fact_has_bounded_texts(self, browser, fact):
        assert browser.open(**{fact: {"a": "x" * 500}}).status_code == 200
        refused = browser.open(**{fact: {"a": "x" * 501}})
        assert refused.json()["errors"][0]["field"].startswith(fact)

    def test_what_a_visitor_has_of_old_hinders_no_other_change(self, browser, admin_api):
        Visitor.objects.update(email="no address", avatar="data:x")
        changed = admin_api.put(f"visitors/{browser.visitor.pk}", {"nickname": "Ann"})
        assert changed.json()["nickname"] == "Ann"
        refused = admin_api.put(f"visitors/{browser.visitor.pk}", {"email": "still none"})
        assert refused.json()["errors"][0]["field"] == "visitor.email"

    def test_a_flood_is_slowed_down(self, browser, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            change_settings(group="chat", values={"messagesPerMinute": 5})
        answers = [browser.say(f"{number}") for number in range(6)]
        assert [each.status_code for each in answers] == [200] * 5 + [429]
        assert answers[-1]["Retry-After"]

    def test_the_pages_seen_are_kept_a_while(self, browser, api):
        for number in range(60):
            browser.post("page", {"url": f"https://shop.example/{number // 2}", "title": "商店"})
        assert browser.visitor.pages.count() == 30
        throttle.forget_failures()  # another minute
        for number in range(30):
            browser.post("page", {"url": f"https://shop.example/more/{number}"})
        shown = api.get(f"visitors/{browser.visitor.pk}/pages?limit=2").json()
        assert [each["url"][-2:] for each in shown] == ["29", "28"]
        assert browser.visitor.pages.count() == 50
        limited = as_user(factories.supervisor(), team_ids=[factories.team().pk])
        assert limited.get(f"visitors/{browser.visitor.pk}/pages").status_code == 404

    @pytest.mark.parametrize(
        "body",
        [{}, {"content": "x"}, {"content": "", "clientId": "a"}, {"content": "x\x00", "clientId": "a"}],
    )
    def test_a_message_that_cannot_be_stored_is_refused(self, browser, body):
        assert browser.post("send", body).status_code == 400


@pytest.mark.django_db
def test_an_address_opens_only_so_many_chats_a_minute(team):
    throttle.forget_failures()
    change_settings(group="chat", values={"opensPerMinute": 10})
    forget_kept()
    answers = [Browser(t="1").open().status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    throttle.forget_failures()


@pytest.mark.django_db
def test_who_says_no_uid_waits_for_nobody_elses_opening(team):
    with CaptureQueriesContext(connection) as asked:
        Browser(t="1").open()
    assert not [each["sql"] for each in asked if "advisory" in each["sql"]]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_begin_one_conversation():
    team = factories.team()
    browser = Browser(t="1", sid=str(team.pk))
    browser.open()

    def work(number: int) -> int:
        try:
            tab = Browser(**browser.opening)
            tab.credential = browser.credential
            return tab.say(f"{number}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(work, range(12))) == {200}
    assert Thread.objects.count() == 1
    assert sorted(Message.objects.values_list("seq", flat=True)) == list(range(1, 13))


def test_a_visitor_hears_its_agent_at_once_and_nothing_else(desk):
    team, agent = factories.team(), factories.agent()
    browser = Browser(t="1", sid=str(team.pk))
    browser.open()
    browser.say("Hello")
    thread = Thread.objects.get(visitor=browser.visitor)
    other = Browser(t="1", sid=str(team.pk))
    other.open()

    def talk() -> None:
        other.say("Not for you")
        services.send_message(thread=thread.pk, user=agent, content="A note", visibility="internal")
        services.send_message(thread=thread.pk, user=agent, content="Hi!")

    stream = listen(desk.url, browser.credential, talk, until=1, path="/api/chat/stream")
    assert [event["data"]["content"] for event in stream.events] == ["Hi!"]


def test_who_types_is_told_to_the_other_side_and_stored_nowhere(desk):
    team, agent = factories.team(), factories.agent()
    browser = Browser(t="1", sid=str(team.pk))
    browser.open()
    browser.say("Hello")
    thread = services.accept_thread(thread_id=Thread.objects.get(visitor=browser.visitor).pk, actor=agent)
    staff = as_user(agent)
    before = Event.objects.count()

    def type_() -> None:
        assert browser.post("typing", {"content": "Where is"}).status_code == 200
        assert staff.post(f"threads/{thread.pk}/typing", {"typing": True}).status_code == 200

    by_visitor = listen(desk.url, browser.credential, type_, until=1, seconds=2, path="/api/chat/stream")
    by_agent = listen(desk.url, staff.token, type_, until=1, seconds=2)
    assert [data["by"] for _, data in by_visitor.whispers] == ["agent"]
    assert [data["by"] for _, data in by_agent.whispers] == ["visitor", "agent"]
    assert by_agent.whispers[0][1]["content"] == "Where is"
    assert Event.objects.exclude(type__startswith="token.").count() <= before
    stranger = as_user(factories.agent(), team_ids=[factories.team().pk])
    assert stranger.post(f"threads/{thread.pk}/typing", {}).status_code == 404


def test_agents_hear_at_once_which_page_a_visitor_looks_at(desk):
    team, agent, stranger = factories.team(), factories.agent(), factories.agent()
    other = factories.team()
    agent.teams.add(team)
    stranger.teams.add(other)
    browser = Browser(t="1", sid=str(team.pk))
    browser.open(page={"url": "https://shop.example/", "title": "Shop"})
    browser.say("Hello")
    settle()  # that it was said is no news to who listens from now on

    def look() -> None:
        for path in ("cart", "cart", "pay"):
            page = {"url": f"https://shop.example/{path}", "title": "退款"}
            assert browser.post("page", page).status_code == 200

    limited = as_user(agent, team_ids=[team.pk]).token
    heard = listen(desk.url, limited, look, until=99, seconds=2).whispers
    page = {"visitor": str(browser.visitor.pk), "title": "退款"}
    assert heard == [
        ("page", page | {"url": "https://shop.example/cart"}),
        ("page", page | {"url": "https://shop.example/pay"}),
    ]
    foreign = as_user(stranger, team_ids=[other.pk]).token
    assert listen(desk.url, foreign, look, until=99, seconds=2).whispers == []
