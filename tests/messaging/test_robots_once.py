"""A robot answers each message once, whatever happens meanwhile and whoever is killed."""

import pytest

from messaging import services
from messaging.models import Message, Thread
from messaging.robots import sweep, terms
from messaging.robots.responders import Answer
from messaging.robots.tasks import answer_message
from messaging.services.robots import change_robot
from tests import factories
from tests.messaging.robots import (
    ask,
    hear_all,
    thread_of,
    visit,
    work_off,
)

pytestmark = pytest.mark.django_db


class TestOnce:
    def test_a_task_that_runs_again_stores_nothing(self, browser):
        ask(browser, "怎么退货")
        thread = thread_of(browser)
        hear_all()
        assert work_off() == 1
        answer_message(str(thread.pk), 1)
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
