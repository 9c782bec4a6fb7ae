"""When a robot offers a person, and how people take its conversations over."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from messaging import services
from messaging.models import Message, Robot, Thread
from messaging.robots.phrases import EN, ZH
from messaging.robots.responders import Answer
from messaging.services.robots import change_robot
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import as_user
from tests.messaging.robots import (
    ask,
    robot,
    thread_of,
    visit,
)
from tests.messaging.test_chat import Browser

pytestmark = pytest.mark.django_db


class TestHandOver:
    def test_after_some_misses_it_offers_a_person_and_then_hands_over(self, browser):
        first, second, third, fourth = (ask(browser, f"Quux {number}") for number in "1234")
        assert (first["content"], first["suggestions"]) == (EN["miss"], [])
        for said in (second, third):
            assert EN["offer"] in said["content"] and said["suggestions"] == [EN["ask"]]
        assert fourth["content"] == EN["handed_over"]
        assert thread_of(browser).state == "queued"

    def test_an_answer_in_between_counts_anew(self, browser):
        ask(browser, "Quux")
        ask(browser, "怎么退货")
        assert EN["offer"] not in ask(browser, "Quux again")["content"]

    def test_never_by_itself_where_it_is_told_so(self, browser, robo):
        change_robot(robot_id=robo.pk, changes={"hand_over_after": 0}, actor=factories.admin())
        for number in range(6):
            ask(browser, f"Quux {number}")
        assert thread_of(browser).type == "ROBOT"

    @pytest.mark.parametrize(
        ("wish", "answer"),
        [
            ("human", EN), ("Agent!", EN), ("I want to talk to a person", EN), ("人工", ZH),
            ("请帮我转人工客服", ZH), (EN["ask"], EN), (ZH["ask"], ZH),
        ],
    )  # fmt: skip
    def test_who_asks_for_a_person_in_words_gets_one(self, browser, team, wish, answer):
        assert ask(browser, wish)["content"] == answer["handed_over"]
        thread = thread_of(browser)
        assert (thread.type, thread.state, thread.team, thread.agent) == ("WORKGROUP", "queued", team, None)

    @pytest.mark.parametrize(
        "text", ["I don't want to talk to a person", "不要人工", "What does an agent cost?"]
    )
    def test_who_only_speaks_of_one_does_not(self, browser, text):
        ask(browser, text)
        assert thread_of(browser).type == "ROBOT"

    def test_the_button_hands_over_once_and_the_conversation_goes_on(self, browser, team):
        ask(browser, "怎么退货")
        for _ in range(2):
            shown = browser.post("human?t=2").json()
            assert (shown["state"], shown["robot"], shown["position"]) == ("queued", None, 1)
        said = browser.get("messages?t=2").json()
        assert [each["seq"] for each in said] == [1, 2, 3]
        assert said[-1]["content"] == ZH["handed_over"]
        ask(browser, "Are you there?")
        assert browser.get("messages?t=2").json()[-1]["content"] == "Are you there?"
        assert Thread.objects.count() == 1

    def test_the_button_works_before_the_first_message(self, robo, team):
        browser = visit(robo, language="zh-CN")
        assert browser.post("human", {"sid": robo.name}).json()["state"] == "queued"
        assert thread_of(browser).team == team
        assert browser.get("messages?t=2").json()[0]["content"] == ZH["handed_over"]

    def test_with_people_the_button_changes_nothing(self, robo, team):
        browser = Browser(t="1", sid=team.name)
        browser.open()
        assert browser.post("human?t=1").json()["code"] == "not_found"
        browser.say("Hello")
        assert browser.post("human?t=1").json()["state"] == "queued"
        assert Message.objects.count() == 1

    @pytest.mark.parametrize("body", [[1], {"sid": 1}, {"x": 1}, {"sid": "x" * 200}])
    def test_strange_wishes_are_refused(self, browser, body):
        assert browser.post("human?t=2", body).status_code == 400

    def test_who_asks_without_end_is_slowed_down(self, browser):
        change_settings(group="chat", values={"opensPerMinute": 10}, actor=factories.admin())
        forget_kept()
        answers = [browser.post("human?t=2") for _ in range(12)]
        assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "throttled")
        assert answers[-1]["Retry-After"]

    def test_the_desk_hears_of_it_with_the_whole_conversation(self, browser, team):
        ask(browser, "human")
        event = Event.objects.get(type="thread.handed_over")
        assert (event.data["action"], event.data["thread"]["state"]) == ("handed_over", "queued")
        assert event.data["thread"]["robot"]["nickname"] == "Robo the robot"
        assert f"messages/team:{team.pk}" in event.audience

    def test_a_robot_whose_team_changed_gives_it_to_the_new_one_and_the_old_one_hears_so(
        self, browser, robo, team
    ):
        ask(browser, "hello")
        other = factories.team("Other")
        change_robot(robot_id=robo.pk, changes={"team": other}, actor=factories.admin())
        browser.post("human?t=2")
        assert thread_of(browser).team == other
        gone = Event.objects.get(type="thread.moved_away")
        assert gone.audience == [f"messages/team:{team.pk}"]

    def test_a_robot_without_a_team_hands_over_to_the_desks_default(self, team):
        browser = visit(robot("Free"))
        ask(browser, "human")
        assert thread_of(browser).team == team

    def test_a_robot_that_is_switched_off_in_mid_conversation_hands_over(self, browser, robo):
        ask(browser, "hello")
        change_robot(robot_id=robo.pk, changes={"active": False}, actor=factories.admin())
        assert ask(browser, "怎么退货")["content"] == ZH["handed_over"]
        assert thread_of(browser).state == "queued"

    @pytest.mark.parametrize(
        "respond",
        [
            lambda question: 1 / 0,
            lambda question: None,
            lambda question: Answer(text=None),
            lambda question: Answer(suggestions=5),
        ],
    )
    def test_a_responder_that_fails_is_no_end_of_the_conversation(
        self, browser, robo, plugged, respond, caplog
    ):
        change_robot(robot_id=robo.pk, changes={"responder": plugged(respond)}, actor=factories.admin())
        assert ask(browser, "My secret question")["content"] == EN["failed"]
        assert thread_of(browser).state == "queued"
        assert "could not answer" in caplog.text and "secret" not in caplog.text

    def test_a_responder_that_is_gone_is_no_end_either(self, browser, robo):
        Robot.objects.update(responder="uninstalled")
        assert ask(browser, "Hello there, robot")["content"] == EN["failed"]

    def test_a_responder_may_ask_for_a_person_itself(self, browser, robo, plugged):
        name = plugged(lambda question: Answer("That is beyond me.", wants_person=True))
        change_robot(robot_id=robo.pk, changes={"responder": name}, actor=factories.admin())
        assert ask(browser, "x")["content"] == f"That is beyond me.\n\n{EN['handed_over']}"
        assert thread_of(browser).state == "queued"

    def test_a_responder_hears_what_was_said_and_never_the_notes(self, browser, robo, plugged, team):
        heard = []

        def respond(question):
            heard.append(question)
            return Answer("A\x00nswer", suggestions=("  One ", "One", "", "x" * 300))

        name = plugged(respond)
        change_robot(robot_id=robo.pk, changes={"responder": name}, actor=factories.admin())
        said = ask(browser, "First")
        assert (said["content"], said["suggestions"]) == ("Answer", ["One", "x" * 200])
        services.send_message(
            thread=thread_of(browser),
            user=factories.agent(teams=[team]),
            content="Secret",
            visibility="internal",
        )
        ask(browser, "Second")
        assert heard[1].pending == ("Second",)
        assert [(each.by, each.text) for each in heard[1].history] == [
            ("visitor", "First"),
            ("robot", "Answer"),
        ]

    def test_a_closed_conversation_begins_with_the_robot_again(self, browser, team):
        ask(browser, "human")
        agent = factories.agent(teams=[team])
        thread = services.accept_thread(thread_id=thread_of(browser).pk, actor=agent)
        services.close_thread(thread_id=thread.pk, actor=agent)
        assert "30天内" in ask(browser, "怎么退货")["content"]
        thread.refresh_from_db()
        assert (thread.type, thread.state, thread.agent) == ("ROBOT", "open", None)

    def test_a_closed_one_that_an_agent_reopens_is_peoples(self, browser, team):
        ask(browser, "hello")
        thread = services.close_thread(thread_id=thread_of(browser).pk, actor=None)
        services.reopen_thread(thread_id=thread.pk, actor=factories.agent(teams=[team]))
        thread.refresh_from_db()
        assert (thread.type, thread.state) == ("WORKGROUP", "queued")

    def test_the_button_on_a_closed_one_reopens_it_with_people(self, browser):
        ask(browser, "hello")
        browser.post("close?t=2")
        assert browser.post("human?t=2").json()["state"] == "queued"


def statements(browser: Browser) -> int:
    """Return how many statements a visitor's look at its conversation takes."""
    with CaptureQueriesContext(connection) as caught:
        browser.get("messages?t=2")
        return len(caught)


class TestAgents:
    @pytest.fixture
    def agent(self, team):
        return factories.agent(teams=[team])

    def test_the_team_reads_along_and_others_do_not(self, browser, agent):
        ask(browser, "怎么退货")
        (shown,) = as_user(agent).get("threads/list?type=ROBOT").json()
        assert (shown["state"], shown["agent"], shown["robot"]["nickname"]) == (
            "open",
            None,
            "Robo the robot",
        )
        messages = as_user(agent).get(f"messages/list?thread={shown['id']}").json()
        assert [each["user"]["type"] for each in messages] == ["visitor", "robot"]
        assert messages[1]["user"]["uid"] == shown["robot"]["uid"]
        stranger = as_user(factories.agent(teams=[factories.team()]))
        assert stranger.get("threads/list").json() == []
        assert stranger.get(f"threads/{shown['id']}").status_code == 404
        assert stranger.post(f"threads/{shown['id']}/accept").status_code == 404

    def test_its_messages_cost_no_statement_more(self, browser, agent, django_assert_num_queries):
        ask(browser, "怎么退货")
        thread, api = thread_of(browser), as_user(agent)
        api.get(f"messages/list?thread={thread.pk}")
        with django_assert_num_queries(2):
            api.get(f"messages/list?thread={thread.pk}")
        with django_assert_num_queries(2):
            api.get("threads/list")
        few = statements(browser)
        for number in range(5):
            ask(browser, f"怎么退货 {number}")
        assert statements(browser) == few

    def test_who_accepts_has_it_and_the_visitor_finds_it(self, browser, agent):
        ask(browser, "怎么退货")
        thread = thread_of(browser)
        shown = as_user(agent).post(f"threads/{thread.pk}/accept").json()
        assert (shown["type"], shown["state"], shown["agent"]["id"]) == ("WORKGROUP", "open", str(agent.pk))
        as_user(agent).post("messages/send", {"thread": str(thread.pk), "content": "It is me"})
        assert ask(browser, "怎么退货")["content"] == "怎么退货"
        opened = browser.open().json()["thread"]
        assert (opened["id"], opened["robot"], opened["agent"]["nickname"]) == (
            str(thread.pk), None, agent.shown_name,
        )  # fmt: skip

    def test_who_writes_to_the_visitor_takes_it(self, browser, agent):
        ask(browser, "怎么退货")
        thread = thread_of(browser)
        as_user(agent).post(
            "messages/send", {"thread": str(thread.pk), "content": "Hm", "visibility": "internal"}
        )
        assert thread_of(browser).type == "ROBOT"
        as_user(agent).post("messages/send", {"thread": str(thread.pk), "content": "Let me help"})
        thread.refresh_from_db()
        assert (thread.type, thread.state, thread.agent) == ("WORKGROUP", "open", agent)
        assert ask(browser, "怎么退货")["content"] == "怎么退货"

    def test_a_transfer_takes_it_from_the_robot_too(self, browser, agent):
        ask(browser, "怎么退货")
        other = factories.team()
        shown = (
            as_user(agent).post(f"threads/{thread_of(browser).pk}/transfer", {"team": str(other.pk)}).json()
        )
        assert (shown["type"], shown["state"], shown["team"]["id"]) == ("WORKGROUP", "queued", str(other.pk))

    def test_nobody_sends_as_a_robot_or_begins_its_conversation(self, browser, agent, robo):
        ask(browser, "怎么退货")
        body = {"thread": str(thread_of(browser).pk), "content": "x"}
        for more in ({"robot": str(robo.pk)}, {"user": {"type": "robot"}}, {"suggestions": ["x"]}):
            sent = as_user(agent).post("messages/send", body | more)
            assert sent.status_code == 400 or sent.json()["user"]["type"] == "agent"
        assert as_user(agent).post("threads/create", {"type": "ROBOT"}).status_code == 400

    def test_a_blocked_visitor_gets_neither_robot_nor_person(self, browser, agent):
        ask(browser, "怎么退货")
        services.block_visitor(visitor_id=browser.visitor.pk, actor=agent)
        assert browser.post("human?t=2").json()["code"] == "visitor_blocked"
        assert browser.say("怎么退货").json()["code"] == "visitor_blocked"
