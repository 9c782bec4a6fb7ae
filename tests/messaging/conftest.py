"""Fixtures of the tests of robots: a team, its robot, a visitor of it, and responders of a test's own."""

import pytest

from messaging.models import Robot
from messaging.robots import responders
from messaging.robots.responders import Kind
from tests import factories
from tests.messaging.robots import (
    know_faq,
    robot,
    visit,
)
from tests.messaging.test_chat import Browser


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
