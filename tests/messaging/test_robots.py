"""A robot's conversation: whom its address names, and what it answers."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging import services
from messaging.models import Message, Robot, Thread
from messaging.robots.phrases import EN, ZH, language_of
from messaging.services.attachments import store_attachment
from messaging.services.robots import change_robot
from tests import factories
from tests.messaging.robots import (
    FAQ,
    ask,
    hear_all,
    know,
    robot,
    thread_of,
    visit,
    work_off,
)
from tests.messaging.test_chat import Browser
from tests.messaging.uploads import png

pytestmark = pytest.mark.django_db


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
