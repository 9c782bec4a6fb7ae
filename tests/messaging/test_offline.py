"""Visitors while nobody is there: what they are told, and the message they leave."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from api.errors import Problem
from events.models import Event
from messaging import services
from messaging.chat import views
from messaging.models import LeftMessage, Message, Thread, Visitor
from messaging.services import left
from messaging.services.left import PER_HOUR
from settings_app.hours import WEEKDAYS
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging import robots
from tests.messaging.conversations import Browser
from tokens import throttle

NEVER = {"enabled": True, **dict.fromkeys(WEEKDAYS, [])}


def keep(group: str, **values) -> None:
    change_settings(group=group, values=values)
    forget_kept()


def leave(browser: Browser, content: str = "Please call me", client_id: str = "l-1", **more):
    given = {"content": content, "clientId": client_id, "email": "ann@example.com"} | more
    where = {name: browser.opening[name] for name in ("t", "sid") if name in browser.opening}
    return browser.post("offline", where | given)


@pytest.fixture
def team(db):
    return factories.team("Sales")


@pytest.fixture
def browser(team):
    browser = Browser(t="1", sid=str(team.pk))
    assert browser.open().status_code == 200
    return browser


class TestWhatTheDeskSaysOfItself:
    def test_without_hours_it_is_always_there(self, browser):
        desk = browser.open().json()["desk"]
        assert (desk["online"], desk["opensAt"], desk["closedText"]) == (True, None, "")

    def test_outside_its_hours_it_says_when_it_opens_and_what_it_likes(self, browser):
        tomorrow = timezone.now() + timedelta(days=1)
        keep("hours", **NEVER, closedText="Until tomorrow!")
        closed = browser.open().json()["desk"]
        assert (closed["online"], closed["opensAt"], closed["closedText"]) == (False, None, "Until tomorrow!")
        keep("hours", **{tomorrow.strftime("%A").lower(): ["00:00-24:00"]})
        assert browser.open().json()["desk"]["opensAt"] == tomorrow.strftime("%Y-%m-%dT00:00:00Z")

    def test_a_team_with_hours_of_its_own_is_judged_by_them_alone(self, browser, team, admin_api):
        keep("hours", **NEVER)
        own = dict.fromkeys(WEEKDAYS, ["00:00-24:00"])
        admin_api.put(f"teams/{team.pk}", {"hours": own | {"enabled": True}})
        assert browser.open().json()["desk"]["online"]
        keep("hours", enabled=False)
        admin_api.put(f"teams/{team.pk}", {"hours": {**NEVER, "closedText": "Sales sleeps"}})
        desk = browser.open().json()["desk"]
        assert (desk["online"], desk["closedText"]) == (False, "Sales sleeps")
        assert Browser(t="0", sid=factories.agent().username).open().json()["desk"]["online"]

    def test_where_agents_are_asked_for_one_must_be_available_in_the_team(self, browser, team):
        keep("chat", onlineNeedsAgents=True)
        factories.agent(status="AVAILABLE")  # of no team
        member = factories.agent(teams=[team], status="BUSY")
        assert not browser.open().json()["desk"]["online"]
        type(member).objects.filter(pk=member.pk).update(status="AVAILABLE")
        assert browser.open().json()["desk"]["online"]
        type(member).objects.filter(pk=member.pk).update(is_active=False)
        assert not browser.open().json()["desk"]["online"]

    def test_or_the_agent_whom_the_address_names(self, team):
        keep("chat", onlineNeedsAgents=True)
        ann = factories.agent(username="ann", status="OFFLINE")
        page = Browser(t="0", sid="ann")
        assert not page.open().json()["desk"]["online"]
        type(ann).objects.filter(pk=ann.pk).update(status="AVAILABLE")
        assert page.open().json()["desk"]["online"]

    def test_a_conversation_that_moved_is_judged_by_the_team_that_has_it(self, browser):
        keep("hours", **NEVER)
        browser.say("Hello")
        night = factories.team("Night")
        night.hours = {"enabled": False}
        night.save()
        services.transfer_thread(thread_id=Thread.objects.get().pk, actor=factories.admin(), team=night)
        assert browser.open().json()["desk"]["online"]

    def test_a_robot_is_always_there_but_the_people_it_hands_over_to_are_not(self, team):
        keep("hours", **NEVER)
        page = robots.visit(robots.robot(team=team))
        assert page.open().json()["desk"]["online"]
        page.say("Hello", t="2")
        assert page.open().json()["desk"]["online"]
        assert page.post("human?t=2", {}).status_code == 200
        assert not page.open().json()["desk"]["online"]
        assert leave(page, t="2").status_code == 200
        assert LeftMessage.objects.get().team == team
        assert page.open().json()["desk"]["online"]  # the robot has what comes next


class TestLeavingAMessage:
    def test_stores_it_with_its_contact_and_one_event(self, browser, team):
        browser.open(page={"url": "https://shop.example/cart", "title": "Cart"})
        answer = leave(browser, "  您好\n请回电  ", nickname="王芳", phone="+86 138 0013 8000", email="")
        assert answer.status_code == 200, answer.content
        left = LeftMessage.objects.get()
        assert (str(left.pk), left.client_id) == (answer.json()["id"], answer.json()["clientId"])
        assert (left.content, left.team, left.agent, left.thread) == ("您好\n请回电", team, None, None)
        assert (left.nickname, left.phone, left.page_url) == (
            "王芳", "+86 138 0013 8000", "https://shop.example/cart",
        )  # fmt: skip
        visitor = browser.visitor
        assert (visitor.nickname, visitor.phone) == ("王芳", "+86 138 0013 8000")
        event = Event.objects.get(type="chat.message_left")
        assert (event.object_id, set(event.audience)) == (
            str(left.pk), {"messages/all", f"messages/team:{team.pk}"},
        )  # fmt: skip
        assert not Thread.objects.exists() and not Message.objects.exists()

    def test_the_same_client_id_is_one_message_even_beyond_the_limit(self, browser):
        first = leave(browser).json()
        for number in range(PER_HOUR - 1):
            assert leave(browser, client_id=f"x{number}").status_code == 200
        assert leave(browser, client_id="more").status_code == 429
        assert leave(browser).json()["id"] == first["id"]
        assert LeftMessage.objects.count() == Event.objects.filter(type="chat.message_left").count() == 5

    def test_to_an_agent_is_for_that_agent(self, team):
        ann = factories.agent(username="ann")
        page = Browser(t="0", sid="ann")
        page.open()
        assert leave(page).status_code == 200
        assert (LeftMessage.objects.get().agent, LeftMessage.objects.get().team) == (ann, None)
        assert f"messages/user:{ann.pk}" in Event.objects.get(type="chat.message_left").audience

    def test_ends_the_conversation_that_waits(self, browser, team):
        browser.say("Anybody?")
        answer = leave(browser)
        thread = Thread.objects.get()
        assert answer.json()["thread"]["state"] == thread.state == "closed"
        assert LeftMessage.objects.get().thread == thread
        heard = Event.objects.filter(audience__contains=[f"chat/visitor:{browser.visitor.pk}"])
        assert heard.filter(type="chat.thread").last().data["state"] == "closed"
        assert browser.say("Back again").status_code == 200
        assert Thread.objects.get().state == "queued"

    def test_goes_to_the_team_that_the_waiting_conversation_has_by_now(self, browser):
        browser.say("Anybody?")
        other = factories.team()
        services.transfer_thread(thread_id=Thread.objects.get().pk, actor=factories.admin(), team=other)
        assert leave(browser).status_code == 200
        assert LeftMessage.objects.get().team == other

    def test_is_refused_while_an_agent_talks_with_the_visitor(self, browser):
        browser.say("Hello")
        services.accept_thread(thread_id=Thread.objects.get().pk, actor=factories.agent())
        assert leave(browser).json()["code"] == "invalid_state"
        assert Thread.objects.get().state == "open" and not LeftMessage.objects.exists()

    def test_a_blocked_visitor_leaves_none(self, browser):
        Visitor.objects.update(blocked_at="2026-01-01T00:00:00Z")
        assert leave(browser).json()["code"] == "visitor_blocked"
        assert not LeftMessage.objects.exists()

    def test_nobody_leaves_one_without_a_credential(self, team):
        assert leave(Browser(t="1", sid=str(team.pk))).status_code == 401

    def test_an_address_leaves_only_so_many_a_minute(self, team, monkeypatch):
        monkeypatch.setattr(views, "LEFT_PER_MINUTE", 2)
        monkeypatch.setattr(throttle, "time", SimpleNamespace(time=lambda: 1_800_000_000.0))  # one minute
        answers = []
        for _ in range(3):
            page = Browser(t="1", sid=str(team.pk))
            page.open()
            answers.append(leave(page).status_code)
        assert answers == [200, 200, 429]

    @pytest.mark.parametrize(
        ("given", "field", "code"),
        [
            ({"email": ""}, "email", "required"),
            ({"email": " ", "phone": " "}, "email", "required"),
            ({"email": "ann at example"}, "email", "invalid"),
            ({"email": "", "phone": "call me"}, "phone", "invalid"),
            ({"email": "", "phone": "123"}, "phone", "invalid"),
            ({"content": " \n"}, "content", "blank"),
            ({"content": "x" * 20_001}, "content", "too_long"),
            ({"clientId": ""}, "clientId", "invalid"),
            ({"clientId": "x" * 65}, "clientId", "invalid"),
            ({"nickname": "x" * 121}, "nickname", "invalid"),
            ({"t": "7"}, "t", "invalid_choice"),
            ({"sid": "Nowhere"}, "sid", "not_found"),
            ({"colour": "red"}, "colour", "unknown_field"),
            ({"content": None}, "content", "invalid"),
        ],
    )
    def test_what_does_not_fit_is_named(self, browser, given, field, code):
        refused = leave(browser, **given)
        assert refused.status_code == 400, refused.content
        (error,) = refused.json()["errors"]
        assert (error["field"], error["code"]) == (field, code)
        assert not LeftMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_send_the_same_message_leave_one():
    browser = Browser(t="1", sid=str(factories.team().pk))
    browser.open()
    browser.say("Waiting")

    def work(_: int) -> str:
        try:
            tab = Browser(**browser.opening)
            tab.credential = browser.credential
            return leave(tab).json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(work, range(12)))) == 1
    assert LeftMessage.objects.count() == 1
    assert Event.objects.filter(type="thread.closed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_an_agent_who_accepts_and_a_visitor_who_leaves_at_once_one_wins():
    team = factories.team()
    agent = factories.agent(teams=[team])
    for _ in range(8):
        browser = Browser(t="1", sid=str(team.pk))
        browser.open()
        browser.say("Waiting")
        thread = Thread.objects.get(visitor=browser.visitor)
        start, accepted = threading.Barrier(2), []

        def accept(thread=thread, start=start, accepted=accepted) -> None:
            start.wait()
            try:
                services.accept_thread(thread_id=thread.pk, actor=agent)
                accepted.append(True)
            except Problem as problem:
                assert problem.code == "invalid_state"
            finally:
                connection.close()

        racer = threading.Thread(target=accept)
        racer.start()
        start.wait()
        answer = leave(browser)
        racer.join()
        thread.refresh_from_db()
        assert (answer.status_code == 200) != bool(accepted)
        assert thread.state == ("open" if accepted else "closed")


@pytest.mark.django_db(transaction=True)
def test_who_leaves_a_message_and_writes_at_the_same_moment_waits_for_nobody_for_ever(monkeypatch):
    """All of them lock the visitor and then its conversation: in two orders they wait for each other."""
    agent, team = factories.agent(), factories.team()
    locking, lock = threading.Event(), left.locked_thread

    def lock_slowly(thread_id):
        locked = lock(thread_id)
        locking.set()
        time.sleep(0.3)  # the other one is on its way meanwhile
        return locked

    monkeypatch.setattr(left, "locked_thread", lock_slowly)
    for meanwhile in (
        lambda browser: browser.say("One more thing").status_code,
        lambda browser: services.block_visitor(visitor_id=browser.visitor.pk, actor=agent) and 200,
    ):
        browser = Browser(t="1", sid=str(team.pk))
        browser.open()
        browser.say("Waiting")
        locking.clear()

        def other(browser=browser, meanwhile=meanwhile) -> int:
            try:
                locking.wait(5)
                return meanwhile(browser)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(other)
            assert leave(browser).status_code == 200
            assert answer.result() == 200
    assert LeftMessage.objects.count() == 2
