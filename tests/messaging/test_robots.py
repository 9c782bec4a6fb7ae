"""A robot's conversation: what it answers, when it offers a person, and how people take over."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event
from messaging import services
from messaging.models import Message, Robot, Thread
from messaging.robots import answering, responders, sweep, terms
from messaging.robots.phrases import EN, ZH, language_of
from messaging.robots.responders import Answer, Kind
from messaging.services.attachments import store_attachment
from messaging.services.robots import change_robot
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import as_user
from tests.messaging.robots import (
    FAQ,
    ask,
    hear_all,
    know,
    know_faq,
    robot,
    thread_of,
    visit,
    work_off,
)
from tests.messaging.test_chat import Browser
from tests.messaging.uploads import png

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return factories.team("Sales")


@pytest.fixture
def robo(team) -> Robot:
    know_faq()
    return robot(team=team, welcome_text="I am Robo.", suggestions=["How do I return goods?"])


@pytest.fixture
def browser(robo) -> Browser:
    return visit(robo)


@pytest.fixture
def plugged(monkeypatch):
    """Register a responder made of a function, and return how."""

    def register(respond, name: str = "plugged") -> str:
        class Responder:
            def respond(self, question):
                return respond(question)

        monkeypatch.setitem(responders.KINDS, name, Kind(name, name, Responder))
        return name

    return register


def statements(browser: Browser) -> int:
    """Return how many statements a visitor's look at its conversation takes."""
    with CaptureQueriesContext(connection) as caught:
        browser.get("messages?t=2")
        return len(caught)


class TestOpening:
    def test_the_page_learns_who_answers_before_a_word_is_said(self, robo):
        desk = Browser(t="2", sid=robo.name).open().json()["desk"]
        assert desk["robot"] == {
            "nickname": "Robo the robot", "avatar": "", "welcomeText": "I am Robo.",
            "suggestions": ["How do I return goods?"],
        }  # fmt: skip
        assert Browser(t="1").open().json()["desk"]["robot"] is None

    @pytest.mark.parametrize("by", ["name", "pk", "nothing"])
    def test_the_robot_is_named_by_its_name_or_id_or_is_the_oldest(self, robo, by):
        robot("Younger")
        sid = {"name": "rObO", "pk": str(robo.pk), "nothing": ""}[by]
        browser = Browser(t="2", sid=sid)
        browser.open()
        ask(browser, "hello")
        assert thread_of(browser).robot == robo

    @pytest.mark.parametrize("sid", ["nobody", "00000000-0000-7000-8000-000000000000"])
    def test_a_robot_that_is_not_there_is_named_as_wrong(self, robo, sid):
        refused = Browser(t="2", sid=sid).open()
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "sid")

    def test_without_any_robot_it_is_refused(self, db):
        browser = Browser(t="2")
        assert browser.open().json()["desk"]["robot"] is None
        assert browser.say("x").json()["errors"][0]["field"] == "sid"
        assert not Thread.objects.exists()

    def test_a_robot_that_rests_leaves_the_conversation_to_its_team(self, robo, team):
        change_robot(robot_id=robo.pk, changes={"active": False}, actor=factories.admin())
        browser = visit(robo)
        browser.say("Anybody?")
        thread = thread_of(browser)
        assert (thread.type, thread.state, thread.team) == ("WORKGROUP", "queued", team)
        assert browser.open().json()["thread"]["state"] == "queued"

    def test_it_is_another_conversation_than_the_teams(self, browser, team):
        ask(browser, "How do I return goods?")
        browser.post("human?t=2")
        browser.say("To the team", t="1", sid=team.name)
        assert Thread.objects.count() == 2
        assert [each["content"] for each in browser.get("messages?t=1").json()] == ["To the team"]
        assert "To the team" not in browser.get("messages?t=2").content.decode()


class TestAnswers:
    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("How do I return goods?", "Within 30 days"),
            ("how can I return these goods", "Within 30 days"),
            ("returning goods", "Within 30 days"),
            ("retrun goods", "Within 30 days"),
            ("When are you open?", "Nine to five"),
            ("opening hours please", "Nine to five"),
            ("Hi! How long will the delivery take?", "Two to three"),
            ("怎么退货", "30天内寄回"),
            ("请问如何退货？", "30天内寄回"),
            ("我想退货", "30天内寄回"),
            ("退货流程", "30天内寄回"),
            ("你们什么时候发货呢", "24小时内"),
            ("修改地址", "订单页面"),
        ],
    )
    def test_it_finds_the_entry_however_it_is_asked(self, browser, question, answer):
        said = ask(browser, question)
        assert answer in said["content"]
        assert said["user"] == {
            "id": str(Robot.objects.get().pk), "nickname": "Robo the robot", "avatar": "", "type": "robot",
        }  # fmt: skip

    def test_a_conversation_with_it_is_open_and_has_no_agent(self, browser, team):
        ask(browser, "怎么退货")
        thread = thread_of(browser)
        assert (thread.type, thread.state, thread.agent, thread.team) == ("ROBOT", "open", None, team)
        assert browser.open().json()["thread"]["robot"] == {"nickname": "Robo the robot", "avatar": ""}

    def test_what_is_nearly_it_is_offered_for_a_tap(self, browser):
        said = ask(browser, "return my parcel to another address")
        assert said["content"].startswith(EN["mean"])
        assert set(said["suggestions"]) == {"How do I return goods?", "How long does delivery take?"}
        assert "Within 30 days" in ask(browser, "How do I return goods?")["content"]

    def test_the_threshold_decides_what_it_dares_to_say(self, browser, robo):
        assert "Within 30 days" in ask(browser, "return")["content"]
        change_robot(robot_id=robo.pk, changes={"threshold": 0.95}, actor=factories.admin())
        said = ask(browser, "return")
        assert (said["content"].split("\n")[0], said["suggestions"][0]) == (
            EN["mean"],
            "How do I return goods?",
        )

    def test_it_knows_its_own_entries_and_the_shared_ones_that_are_enabled(self, browser, robo):
        know("Do you sell bicycles?", "Only of another robot", robot=robot("Other"))
        know("Do you sell cars?", "Not any more", enabled=False)
        know("Do you sell boats?", "Yes, boats", robot=robo)
        assert "Yes, boats" in ask(browser, "Do you sell boats?")["content"]
        for question in ("Do you sell bicycles?", "Do you sell cars?"):
            assert "robot" not in ask(browser, question)["content"]

    def test_a_greeting_and_thanks_are_no_misses(self, browser):
        said = ask(browser, "Hello!")
        assert (said["content"], said["suggestions"]) == ("I am Robo.", ["How do I return goods?"])
        assert ask(browser, "谢谢")["content"] == ZH["thanks"]
        assert thread_of(browser).robot_misses == 0

    def test_several_quick_messages_get_one_answer_to_what_they_ask(self, browser):
        browser.say("How do I return goods?")
        browser.say("thanks")
        hear_all()
        assert work_off() == 2
        said = browser.get("messages?t=2").json()
        assert [each["user"]["type"] for each in said] == ["visitor", "visitor", "robot"]
        assert "Within 30 days" in said[-1]["content"]

    def test_two_questions_at_once_get_two_answers_in_order(self, browser):
        browser.say("How do I return goods?")
        said = ask(browser, "When are you open?")
        assert said["content"] == f"{FAQ[0][2]}\n\n{FAQ[2][2]}"

    def test_what_was_asked_before_a_pause_is_answered_no_more(self, browser):
        browser.say("How do I return goods?")
        Message.objects.update(created_at=timezone.now() - timedelta(hours=1))
        assert ask(browser, "When are you open?")["content"] == FAQ[2][2]

    def test_it_says_that_it_writes_only_to_its_people(self, browser, monkeypatch):
        told = []
        monkeypatch.setattr("messaging.services.typing.whisper", lambda *given, **more: told.append(more))
        ask(browser, "怎么退货")
        (whispered,) = told
        assert whispered["data"]["by"] == "robot" and whispered["data"]["typing"] is True
        assert f"chat/visitor:{browser.visitor.pk}" in whispered["audience"]

    @pytest.mark.parametrize(
        "text", ["👍", "...", "?" * 500, "退" * 20_000, "a b " * 5_000, "%_\\'\"", "<b>"]
    )
    def test_it_has_an_answer_to_anything(self, browser, text):
        assert ask(browser, text)["user"]["type"] == "robot"

    @pytest.mark.parametrize(
        ("browsers", "language"),
        [
            ("de-AT", "de"),
            ("FIL_ph", "fil"),
            ("", "en"),
            ("x. Ignore the rules", "en"),
            ("en\n", "en"),
            ("ü", "en"),
            ("zh", "en"),
        ],
    )
    def test_the_language_that_a_page_names_is_a_code_or_english(self, browsers, language):
        assert language_of("Hello", browsers) == language

    def test_a_picture_is_something_it_does_not_know(self, browser):
        ask(browser, "hello")
        thread = thread_of(browser)
        file = SimpleUploadedFile("x.png", png())
        sent = store_attachment(file=file, name="x.png", visitor=thread.visitor)
        services.send_message(thread=thread, visitor=thread.visitor, attachment=sent["id"])
        hear_all()
        work_off()
        assert browser.get("messages?t=2").json()[-1]["content"] == EN["miss"]

    def test_the_search_is_two_statements_however_much_there_is(self, browser, robo):
        from messaging.robots.knowledge import find

        def statements() -> int:
            with CaptureQueriesContext(connection) as caught:
                find(["How do I return goods?"], robot_id=robo.pk, language="en")
            return sum("SAVEPOINT" not in each["sql"] for each in caught.captured_queries)

        assert statements() == 2
        for number in range(50):
            know(f"How do I return number {number}?", "x")
        assert statements() == 2


class TestOnce:
    def test_a_task_that_runs_again_stores_nothing(self, browser):
        ask(browser, "怎么退货")
        thread = thread_of(browser)
        hear_all()
        assert work_off() == 1
        assert not answering.answer(thread_id=thread.pk, seq=1)
        assert Message.objects.filter(robot__isnull=False).count() == 1
        assert Message.objects.get(robot__isnull=False).client_id == "robot:1"

    def test_the_same_event_twice_is_one_job(self, browser):
        browser.say("怎么退货")
        hear_all()
        hear_all()
        assert work_off() == 1

    def test_an_answer_that_a_newer_message_overtook_is_not_given(self, browser, robo, plugged):
        def respond(question):
            if question.pending == ("First",):
                browser.say("Second")
            return Answer(f"Answer to {' and '.join(question.pending)}")

        change_robot(robot_id=robo.pk, changes={"responder": plugged(respond)}, actor=factories.admin())
        ask(browser, "First")
        assert Message.objects.filter(robot__isnull=False).count() == 0
        hear_all()
        work_off()
        assert [each["content"] for each in browser.get("messages?t=2").json()] == [
            "First", "Second", "Answer to First and Second",
        ]  # fmt: skip

    def test_it_is_silent_when_somebody_took_the_conversation_meanwhile(self, browser, robo, plugged, team):
        agent = factories.agent(teams=[team])

        def respond(question):
            services.accept_thread(thread_id=question.thread_id, actor=agent)
            return Answer("Too late")

        change_robot(robot_id=robo.pk, changes={"responder": plugged(respond)}, actor=factories.admin())
        assert ask(browser, "First")["content"] == "First"
        assert ask(browser, "Second")["content"] == "Second"

    def test_it_is_silent_in_a_conversation_that_is_over(self, browser, robo, plugged):
        def respond(question):
            services.close_thread(thread_id=question.thread_id, actor=None)
            return Answer("Too late")

        change_robot(robot_id=robo.pk, changes={"responder": plugged(respond)}, actor=factories.admin())
        assert ask(browser, "First")["content"] == "First"

    def test_a_visitor_who_takes_its_client_id_gets_an_answer_all_the_same(self, browser):
        browser.say("怎么退货", client_id="robot:2")
        browser.say("怎么退货", client_id="second")
        hear_all()
        work_off()
        assert browser.get("messages?t=2").json()[-1]["user"]["type"] == "robot"

    def test_what_a_killed_worker_left_is_found(self, browser):
        browser.say("怎么退货")
        assert sweep.look_after(60) == 0
        Thread.objects.update(last_message_at="2026-01-01T00:00:00Z")
        assert sweep.look_after(60) == 0  # too old to be answered out of the blue
        Thread.objects.update(last_message_at=thread_of(browser).created_at)
        assert (sweep.look_after(-60), sweep.look_after(-60)) == (1, 1)
        assert work_off() == 1
        assert sweep.look_after(-60) == 0

    def test_newer_chats_that_are_answered_do_not_hide_an_owed_one(self, browser, robo, monkeypatch):
        monkeypatch.setattr(sweep, "MOST", 1)
        browser.say("怎么退货")
        ask(visit(robo), "hello")
        assert sweep.look_after(-60) == 1

    def test_a_question_of_long_random_words_compares_few_spellings(self, monkeypatch):
        compared = []
        ratio = terms.SequenceMatcher.quick_ratio
        monkeypatch.setattr(
            terms.SequenceMatcher, "quick_ratio", lambda matcher: compared.append(1) or ratio(matcher)
        )
        alike = [f"abcdefghijk{chr(97 + at)}{chr(98 + at)}" for at in range(20)]
        entry = {"abcdefghijkxyz": 1.0}
        terms.likeness(dict.fromkeys(alike, 1.0), entry, ())
        assert 1 <= len(compared) <= terms.MISSPELT
        assert terms.likeness({"a" * 32: 1.0}, {"a" * 33: 1.0}, {"a" * 32}) == 0


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
