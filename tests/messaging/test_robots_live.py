"""Robots on a real server with its worker: at once, once, and after a power cut too."""

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from django.db import connections

from messaging.models import Message, Robot, Thread
from messaging.robots.responders import KINDS, Answer, Kind
from messaging.robots.tasks import answer_message
from messaging.services import chat
from messaging.services.visitors import make_visitor
from tests import factories
from tests.desk import Desk, no_desk_running
from tests.messaging.conversations import visitor
from tests.messaging.robots import know_faq, robot
from tests.messaging.test_robots_openai import Service, says
from tests.streams import with_own_connection

pytestmark = pytest.mark.django_db(transaction=True)


class Guest:
    """A visitor of a robot's chat, over HTTP."""

    def __init__(self, desk: Desk) -> None:
        self.url = f"{desk.url}/api/chat"
        opened = requests.post(f"{self.url}/open", json={"t": "2"}, timeout=30)
        self.headers = {"Authorization": f"Bearer {opened.json()['credential']}"}

    def say(self, text: str) -> None:
        body = {"t": "2", "content": text, "clientId": text}
        sent = requests.post(f"{self.url}/send", json=body, headers=self.headers, timeout=30)
        assert sent.status_code == 200, sent.text

    def heard(self, robots: int, seconds: float) -> list[dict]:
        """Return the conversation once a robot has said so much in it."""
        until = time.monotonic() + seconds
        while True:
            said = requests.get(f"{self.url}/messages?t=2", headers=self.headers, timeout=30).json()
            if sum(each["user"]["type"] == "robot" for each in said) >= robots or time.monotonic() > until:
                return said
            time.sleep(0.02)


def test_an_answer_takes_less_than_a_second(desk):
    know_faq()
    robot(team=factories.team())
    guest = Guest(desk)
    times = []
    for number, question in enumerate(
        ("Hello", "怎么退货", "When are you open?", "发货", "Delivery time"), start=1
    ):
        started = time.monotonic()
        guest.say(question)
        assert len(guest.heard(number, 20)) == 2 * number
        times.append(time.monotonic() - started)
    assert min(times) < 1, times


def test_visitors_who_write_at_once_each_get_theirs(desk):
    know_faq()
    robot(team=factories.team())
    guests = [Guest(desk) for _ in range(6)]
    writing = [threading.Thread(target=guest.say, args=["怎么退货"]) for guest in guests]
    for each in writing:
        each.start()
    for each in writing:
        each.join()
    for guest in guests:
        said = guest.heard(1, 20)
        assert [each["user"]["type"] for each in said] == ["visitor", "robot"]


@pytest.fixture
def service(desk):
    """A language model that the running desk knows; another desk beside it would take its jobs."""
    service, before = Service(), desk.env
    with no_desk_running():
        desk.env = before | {"ROBOT_OPENAI_URL": service.url, "ROBOT_OPENAI_KEY": "sk-secret"}
        desk.start()
        yield service
        desk.kill()
        desk.env = before
    service.shutdown()
    service.server_close()


def test_a_power_cut_over_an_answer_costs_neither_it_nor_a_second_one(desk, service):
    asked = threading.Event()

    def slow(handler) -> None:
        asked.set()
        time.sleep(3)

    service.answers = [slow, says("Here is your answer")]
    robot(team=factories.team(), responder="openai")
    guest = Guest(desk)
    guest.say("Where is my parcel?")
    assert asked.wait(60)
    desk.kill()
    desk.start()
    said = guest.heard(1, 40)
    assert [each["content"] for each in said] == ["Where is my parcel?", "Here is your answer"]
    guest.say("Thank you so much")
    assert len(guest.heard(2, 20)) == 4
    assert Message.objects.filter(robot__isnull=False).count() == 2
    assert "sk-secret" not in desk.log.read_text()


@pytest.fixture
def slow_robot(monkeypatch) -> Iterator[tuple[Robot, threading.Barrier]]:
    """A robot whose responder waits until two tasks are at it: those of the test, no desk's."""
    barrier = threading.Barrier(2, timeout=60)

    class Slow:
        def respond(self, question) -> Answer:
            barrier.wait()
            return Answer(f"Answer to {question.pending[-1]}")

    monkeypatch.setitem(KINDS, "slow", Kind("slow", "slow", Slow))
    with no_desk_running():
        yield robot(team=factories.team(), responder="slow"), barrier


def begun(of: Robot) -> Thread:
    sent = chat.say(visitor=visitor(), type="ROBOT", sid=of.name, content="First", client_id="1")
    return Thread.objects.get(pk=sent["thread"])


def at_once(*work) -> None:
    running = [threading.Thread(target=with_own_connection, args=[each]) for each in work]
    for each in running:
        each.start()
    for each in running:
        each.join()
    connections["default"].close()


def test_two_workers_at_one_message_store_one_answer(slow_robot):
    thread = begun(slow_robot[0])
    at_once(*[lambda: answer_message(str(thread.pk), 1, slow=True)] * 2)
    assert list(thread.messages.order_by("seq").values_list("content", flat=True)) == [
        "First",
        "Answer to First",
    ]


def test_a_person_who_takes_it_while_the_robot_thinks_is_not_spoken_over(slow_robot):
    from messaging.services import accept_thread

    thread, agent = begun(slow_robot[0]), factories.agent()

    def take() -> None:
        accept_thread(thread_id=thread.pk, actor=agent)
        slow_robot[1].wait()

    at_once(lambda: answer_message(str(thread.pk), 1, slow=True), take)
    assert thread.messages.count() == 1


def test_two_first_messages_and_a_wish_for_a_person_at_once_are_one_conversation(slow_robot):
    from messaging.services.people import ask_for_person

    guest = make_visitor(type(visitor())(nickname="Ann"))
    say = [
        lambda text=text: chat.say(visitor=guest, type="ROBOT", sid="", content=text, client_id=text)
        for text in ("one", "two")
    ]
    at_once(*say, lambda: ask_for_person(visitor=guest, type="ROBOT"))
    thread = Thread.objects.get(visitor=guest)
    assert (thread.type, thread.state, thread.last_seq) == ("WORKGROUP", "queued", 3)
