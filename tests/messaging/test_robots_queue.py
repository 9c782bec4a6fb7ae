"""Slow answers of a language model hold up no other work of the worker."""

from collections.abc import Iterator
from threading import Event

import pytest
import requests
from django.db import connection

from messaging.tasks import forget_robot_pace
from tests import factories
from tests.desk import Desk, no_desk_running
from tests.messaging.robots import know_faq, robot
from tests.messaging.test_robots_openai import Service, says
from tests.streams import until

pytestmark = pytest.mark.django_db(transaction=True)
PLACES = 2


@pytest.fixture
def held(desk: Desk) -> Iterator[tuple[Service, Event]]:
    """A language model that answers when it is let go, known to the running desk alone."""
    service, before, go = Service(), desk.env, Event()

    def answer(handler) -> None:
        go.wait(60)
        says("From the model")(handler)

    service.answers = [answer]
    with no_desk_running():  # another one would take its jobs
        desk.env = before | {"ROBOT_OPENAI_URL": service.url, "ROBOT_ANSWERS_AT_ONCE": str(PLACES)}
        desk.env |= {"ROBOT_OPENAI_TIMEOUT": "60"}
        desk.start()
        yield service, go
        go.set()
        desk.kill()
        desk.env = before
    service.shutdown()
    service.server_close()


class Guest:
    """A visitor of the chat of a robot, over HTTP."""

    def __init__(self, desk: Desk, robot: str) -> None:
        self.url, self.chat = f"{desk.url}/api/chat", {"t": "2", "sid": robot}
        credential = requests.post(f"{self.url}/open", json=self.chat, timeout=30).json()["credential"]
        self.headers = {"Authorization": f"Bearer {credential}"}

    def say(self, text: str) -> None:
        body = self.chat | {"content": text, "clientId": text}
        requests.post(f"{self.url}/send", json=body, headers=self.headers, timeout=30).raise_for_status()

    def answered(self) -> bool:
        said = requests.get(f"{self.url}/messages?t=2", headers=self.headers, timeout=30).json()
        return any(each["user"]["type"] == "robot" for each in said)


def jobs(task: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [task])
        return cursor.fetchone()[0]


def test_while_slow_models_are_asked_everything_else_goes_on(desk, held):
    service, go = held
    know_faq()
    robot("Model", team=factories.team(), responder="openai")
    robot("Faq", team=factories.team())
    slow = [Guest(desk, "Model") for _ in range(3 * PLACES + 8)]  # more than all places of the worker
    for each in slow:
        each.say("Where is my parcel?")
    until(lambda: len(service.asked) >= PLACES)

    quick = Guest(desk, "Faq")
    quick.say("怎么退货")
    until(quick.answered)
    forget_robot_pace.defer(timestamp=0)
    until(lambda: jobs(forget_robot_pace.name) == 0)

    assert len(service.asked) == PLACES  # no more at once, and none has answered yet
    assert not any(each.answered() for each in slow)
    go.set()
    until(lambda: all(each.answered() for each in slow))
