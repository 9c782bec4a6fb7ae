"""Routing while many do something at the same time, each on a connection of its own."""

import random

import pytest

from accounts.services import set_status
from api.errors import Problem
from events.models import Event
from messaging import services
from messaging.models import Thread
from messaging.services import chat, routing, timers
from tests import factories
from tests.messaging.conversations import as_user, thread, visitor
from tests.tickets.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_20_who_accept_one_wins():
    talk = thread()
    apis = [as_user(factories.agent(teams=[talk.team])) for _ in range(20)]
    answers = at_once(20, lambda number: apis[number].post(f"threads/{talk.pk}/accept").status_code)
    assert sorted(answers) == [200] + [409] * 19
    assert Event.objects.filter(type="thread.accepted").count() == 1


def say(team, number: int) -> None:
    chat.say(
        visitor=visitor(f"Visitor {number}"), type="WORKGROUP", sid=str(team.pk), content="Hello",
        client_id=str(number),
    )  # fmt: skip


@pytest.mark.parametrize(("agents", "waiting"), [(5, 5), (8, 0)])
def test_20_visitors_at_once_fill_everybody_and_nobody_beyond(agents, waiting):
    team = factories.team()
    people = [factories.agent(teams=[team], status="AVAILABLE", capacity=3) for _ in range(agents)]
    at_once(20, lambda number: say(team, number))
    loads = [Thread.objects.filter(agent=each, state="open").count() for each in people]
    assert max(loads) <= 3 and sum(loads) == 20 - waiting
    assert Thread.objects.filter(state="queued").count() == waiting
    assert Event.objects.filter(type="thread.assigned").count() == sum(loads)


def test_of_two_teams_with_the_same_agent_none_overfills_it():
    teams = [factories.team(), factories.team()]
    agent = factories.agent(teams=teams, status="AVAILABLE", capacity=3)
    at_once(12, lambda number: say(teams[number % 2], number))
    assert Thread.objects.filter(agent=agent).count() == 3


def test_whoever_closes_gets_the_next_one_and_no_place_stays_empty():
    team = factories.team()
    people = [factories.agent(teams=[team], status="AVAILABLE", capacity=2) for _ in range(4)]
    for number in range(24):
        say(team, number)

    def close_all(number: int) -> int:
        closed = 0
        while mine := Thread.objects.filter(agent=people[number % 4], state="open").order_by("?").first():
            try:
                services.close_thread(thread_id=mine.pk, actor=people[number % 4])
                closed += 1
            except Problem:
                continue  # another of us was faster
        return closed

    closed = at_once(8, close_all)
    assert sum(closed) == 24
    assert not Thread.objects.exclude(state="closed").exists()


def test_a_busy_desk_neither_stands_still_nor_overfills_anybody():
    """Visitors come, agents close, transfer, invite, come and go, timers run: no deadlock, no thread lost."""
    teams = [factories.team(), factories.team()]
    people = [factories.agent(teams=teams, status="AVAILABLE", capacity=2) for _ in range(4)]

    def work(number: int) -> None:
        choose = random.Random(number)
        for turn in range(12):
            me, team = people[number % 4], choose.choice(teams)
            mine = Thread.objects.filter(agent=me, state="open").order_by("?").first()
            try:
                match choose.choice(["say", "say", "close", "team", "agent", "presence", "timers", "block"]):
                    case "say":
                        say(team, number * 100 + turn)
                    case "close" if mine:
                        services.close_thread(thread_id=mine.pk, actor=me)
                    case "team" if mine:
                        services.transfer_thread(thread_id=mine.pk, actor=me, team=team, note="Yours")
                    case "agent" if mine:
                        to = choose.choice(people)
                        services.invite(thread_id=mine.pk, agent=to, actor=me) if to != me else None
                    case "presence":
                        set_status(user=me, status=choose.choice(["AVAILABLE", "BUSY"]))
                        routing.return_threads(me.pk)
                    case "timers":
                        routing.sweep()
                        timers.overflow()
                    case "block" if mine:
                        services.block_visitor(visitor_id=mine.visitor_id, actor=me)
            except Problem as problem:
                assert problem.code in ("invalid_state", "not_found", "validation_failed"), problem

    at_once(8, work)
    for each in people:
        set_status(user=each, status="AVAILABLE")
    routing.sweep()
    for each in people:
        assert Thread.objects.filter(agent=each, state="open").count() <= 2
    free = sum(2 - Thread.objects.filter(agent=each, state="open").count() for each in people)
    queued = Thread.objects.filter(state="queued")
    given_back = queued.filter(passed_on_by__isnull=False)
    assert not free or queued.count() == given_back.count()
    assert not Thread.objects.filter(state="open", agent=None).exists()
    assert not Thread.objects.filter(state="queued").exclude(agent=None).exists()
