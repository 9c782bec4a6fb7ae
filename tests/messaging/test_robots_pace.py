"""How many answers of a language model a visitor, an address and the desk get, and what comes of the rest."""

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Message, RobotAsker, RobotPace, Thread
from messaging.robots import sweep
from messaging.robots.phrases import EN
from messaging.robots.responders import Answer
from messaging.services import robot_pace
from messaging.services.robots import change_robot
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import thread, visitor
from tests.messaging.robots import ask, hear_all, robot, thread_of, visit, work_off
from tests.messaging.test_chat import Browser
from tests.streams import with_own_connection

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)
OFFER = f"{EN['busy']} {EN['offer']}"


@pytest.fixture
def clock(monkeypatch) -> SimpleNamespace:
    """The time by which answers are counted."""
    clock = SimpleNamespace(now=NOON)
    monkeypatch.setattr(robot_pace, "timezone", SimpleNamespace(now=lambda: clock.now))
    return clock


@pytest.fixture
def asked(robo, plugged, clock) -> list[str]:
    """What the language model was asked; it answers everything."""
    asked = []

    def respond(question):
        asked.append(" and ".join(question.pending))
        return Answer(f"Answer to {asked[-1]}")

    change_robot(robot_id=robo.pk, changes={"responder": plugged(respond)}, actor=factories.admin())
    return asked


def limit(**values: int) -> None:
    change_settings(group="chat", values=values, actor=factories.admin())
    forget_kept()


def said(browser: Browser) -> list[str]:
    return [each["content"] for each in browser.get("messages?t=2").json()]


def test_who_asks_too_much_hears_so_once_and_is_answered_in_the_next_minute(browser, asked, clock):
    limit(robotAnswersPerMinute=1)
    ask(browser, "One")
    told = ask(browser, "Two")
    assert (told["content"], told["suggestions"]) == (OFFER, [EN["ask"]])
    assert ask(browser, "Three")["content"] == "Three"  # it is told once
    assert asked == ["One"] and thread_of(browser).type == "ROBOT"
    clock.now += timedelta(minutes=1)
    work_off(later=True)
    assert asked == ["One", "Two and Three"]
    assert said(browser) == ["One", "Answer to One", "Two", OFFER, "Three", "Answer to Two and Three"]
    clock.now += timedelta(minutes=1)
    ask(browser, "Four")
    assert ask(browser, "Five")["content"] == OFFER  # a new time, a new word


def test_what_is_put_off_waits_until_the_window_ends_and_once(browser, asked):
    limit(robotAnswersPerMinute=1)
    ask(browser, "One")
    ask(browser, "Two")
    assert work_off() == 0
    sweep.look_after(-60)  # it is owed, and waits already
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name, extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs"
            " WHERE task_name = 'messaging.robots.answer'"
        )
        ((queue, seconds),) = cursor.fetchall()
    assert queue == "robots" and 25 < seconds < 40


def test_a_question_that_is_put_off_and_whose_job_is_lost_is_found(browser, asked, clock):
    limit(robotAnswersPerMinute=1)
    ask(browser, "One")
    ask(browser, "Two")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    clock.now += timedelta(minutes=1)
    assert sweep.look_after(-60) == 1
    work_off()
    assert said(browser)[-1] == "Answer to Two"


def test_who_waits_too_long_gets_a_person(browser, asked):
    limit(robotAnswersPerMinute=1)
    ask(browser, "One")
    ask(browser, "Two")
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=4))
    work_off(later=True)
    assert said(browser)[-1] == EN["failed"]
    assert thread_of(browser).state == "queued" and asked == ["One"]


def test_a_question_that_waited_behind_others_too_long_is_not_paid_for(browser, asked):
    browser.say("One")
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=4))
    hear_all()
    work_off()
    assert said(browser)[-1] == EN["failed"]
    assert thread_of(browser).state == "queued" and asked == [] and not RobotPace.objects.exists()


def test_who_is_put_off_and_wants_a_person_gets_one_at_once(browser, asked):
    limit(robotAnswersPerMinute=1)
    ask(browser, "One")
    ask(browser, "Two")
    assert ask(browser, EN["ask"])["content"] == EN["handed_over"]
    assert thread_of(browser).state == "queued"
    work_off(later=True)
    assert said(browser)[-1] == EN["handed_over"] and asked == ["One"]


def test_visitors_who_cost_nothing_to_make_share_what_their_address_gets(robo, asked):
    limit(robotAddressAnswersPerMinute=2)
    answers = [ask(visit(robo), f"From {number}")["content"] for number in range(3)]
    assert answers == ["Answer to From 0", "Answer to From 1", OFFER]
    elsewhere = visit(robo)
    elsewhere.client.defaults["REMOTE_ADDR"] = "198.51.100.7"
    assert ask(elsewhere, "From afar")["content"] == "Answer to From afar"
    assert not any("127.0.0.1" in str(each) for each in RobotAsker.objects.values_list("source", flat=True))


def test_the_whole_desk_has_a_pace(robo, asked):
    limit(robotDeskAnswersPerMinute=1)
    assert ask(visit(robo), "One")["content"] == "Answer to One"
    assert ask(visit(robo), "Two")["content"] == OFFER


def test_beyond_what_a_day_may_cost_people_answer(robo, asked, clock):
    limit(robotDeskAnswersPerDay=1)
    ask(visit(robo), "One")
    clock.now += timedelta(hours=3)
    late = visit(robo)
    assert ask(late, "Two")["content"] == EN["failed"]
    assert thread_of(late).state == "queued" and asked == ["One"]
    clock.now += timedelta(hours=9)
    assert ask(visit(robo), "Three")["content"] == "Answer to Three"


def test_what_costs_nothing_is_not_counted(browser, robo):
    limit(robotAnswersPerMinute=1, robotDeskAnswersPerMinute=1, robotDeskAnswersPerDay=0)
    for _ in range(3):
        assert "30天内" in ask(browser, "怎么退货")["content"]
    assert not RobotPace.objects.exists()


def test_a_wish_for_a_person_and_a_picture_cost_nothing_either(browser, asked):
    limit(robotDeskAnswersPerDay=0)
    assert ask(browser, "human")["content"] == EN["handed_over"]
    assert asked == [] and not RobotPace.objects.exists()


def test_a_robot_that_got_a_language_model_meanwhile_is_asked_in_its_queue(browser, robo, plugged):
    browser.say("One")
    hear_all()
    name = plugged(lambda question: Answer("From the model"))
    change_robot(robot_id=robo.pk, changes={"responder": name}, actor=factories.admin())
    assert work_off() == 1
    assert said(browser) == ["One"]
    assert work_off() == 1
    assert said(browser) == ["One", "From the model"]


def test_what_is_refused_counts_nothing(clock):
    limit(robotAnswersPerMinute=1, robotDeskAnswersPerMinute=2)
    of = [thread(type="WORKGROUP", visitor=visitor()) for _ in range(2)]
    ask_for = [{"thread_id": each.pk, "visitor_id": each.visitor_id} for each in of]
    assert robot_pace.admit(**ask_for[0]) is None
    for _ in range(5):
        assert robot_pace.admit(**ask_for[0]) == robot_pace.Refused(31)
    assert robot_pace.admit(**ask_for[1]) is None


def test_admission_is_four_statements_whoever_asks(clock):
    each = thread(type="WORKGROUP", visitor=visitor())
    robot_pace.heard_from(thread_id=each.pk, address="127.0.0.1")
    robot_pace.admit(thread_id=each.pk, visitor_id=each.visitor_id)
    with CaptureQueriesContext(connection) as caught:
        robot_pace.admit(thread_id=each.pk, visitor_id=each.visitor_id)
    assert sum("SAVEPOINT" not in query["sql"] for query in caught.captured_queries) == 4


def test_counts_and_addresses_are_forgotten_after_a_day(browser, asked, clock):
    ask(browser, "One")
    assert RobotPace.objects.count() == 4 and RobotAsker.objects.count() == 1
    clock.now = timezone.now()
    robot_pace.forget_pace()
    assert RobotPace.objects.filter(begin__lt=clock.now - timedelta(hours=25)).count() == 0
    assert RobotAsker.objects.count() == 1
    clock.now += timedelta(hours=26)
    robot_pace.forget_pace()
    assert not RobotAsker.objects.exists()


def test_a_visitor_who_takes_the_id_of_a_word_loses_no_answer(browser, asked, clock):
    limit(robotAnswersPerMinute=1)
    ask(browser, "One")
    browser.say("Two", client_id="robot-later:4")
    browser.say("Three", client_id="x")
    hear_all()
    work_off()
    assert said(browser)[-1] == "Three"
    clock.now += timedelta(minutes=1)
    work_off(later=True)
    assert said(browser)[-1] == "Answer to Two and Three"


@pytest.mark.django_db(transaction=True)
def test_answers_at_the_same_moment_are_counted_one_by_one(clock):
    limit(robotDeskAnswersPerMinute=3)
    ids = [thread(type="WORKGROUP", visitor=visitor()) for _ in range(8)]
    outcomes: list[object] = []

    def admit(each: Thread) -> None:
        with transaction.atomic():
            outcomes.append(robot_pace.admit(thread_id=each.pk, visitor_id=each.visitor_id))

    work = [lambda each=each: admit(each) for each in ids]
    running = [threading.Thread(target=with_own_connection, args=[each]) for each in work]
    for each in running:
        each.start()
    for each in running:
        each.join()
    assert outcomes.count(None) == 3 and len(outcomes) == 8


def test_robots_of_the_same_name_are_no_way_around(robo, asked):
    limit(robotDeskAnswersPerMinute=1)
    other = robot("Other", responder="plugged")
    ask(visit(robo), "One")
    assert ask(visit(other), "Two")["content"] == OFFER
