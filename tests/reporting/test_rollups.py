"""The roll-ups equal the tables, whatever writes to them."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Team
from messaging.models import Message, Thread
from reporting import services
from reporting.models import AgentFigure, Figure, TeamFigure
from tests import factories
from tests.desk import manage
from tests.reporting.work import scatter, utc
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def amount(figure: Figure) -> int:
    return sum(TeamFigure.objects.filter(figure=figure).values_list("amount", flat=True))


def test_random_work_changed_moved_and_deleted_leaves_roll_ups_that_equal_the_tables():
    users, teams = [factories.agent(), factories.agent()], [factories.team(), factories.team()]
    scatter(7, count=60, start=utc(2026, 3, 1), days=20, users=users, teams=teams)
    assert services.differences() == []
    assert amount(Figure.TICKETS_CREATED) == Ticket.objects.filter(deleted_at=None).count()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(seed=st.integers(0, 2**32), count=st.integers(5, 12))
def test_any_history_leaves_roll_ups_that_equal_the_tables(agent, seed, count):
    teams = [Team.objects.get_or_create(name=name)[0] for name in ("North", "South")]
    scatter(seed, count=count, start=utc(2026, 10, 25), days=3, users=[agent], teams=teams)
    assert services.differences() == []


def test_raw_sql_counts_too():
    ticket = Ticket.objects.create(title="T")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET status = 'closed', closed_at = now()")
    assert (amount(Figure.TICKETS_CLOSED), amount(Figure.TICKETS_OPEN)) == (1, 0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_ticket WHERE id = %s", [ticket.pk])
    assert services.differences() == []
    assert (amount(Figure.TICKETS_CLOSED), amount(Figure.TICKETS_CREATED)) == (0, 0)


def test_a_ticket_in_the_bin_counts_as_deleted_and_as_nothing_else_until_it_is_restored():
    Ticket.objects.create(title="T")
    Ticket.objects.update(deleted_at=utc(2026, 3, 1))
    assert (amount(Figure.TICKETS_CREATED), amount(Figure.TICKETS_DELETED), amount(Figure.TICKETS_OPEN)) == (
        0,
        1,
        0,
    )
    Ticket.objects.update(deleted_at=None)
    assert (amount(Figure.TICKETS_CREATED), amount(Figure.TICKETS_DELETED), amount(Figure.TICKETS_OPEN)) == (
        1,
        0,
        1,
    )


def test_messages_follow_their_thread_to_another_team(agent):
    north, south = factories.team(), factories.team()
    thread = Thread.objects.create(type="AGENT", team=north)
    Message.objects.bulk_create(Message(thread=thread, seq=n, content="Hi", user=agent) for n in range(1, 4))
    Thread.objects.update(team=south)
    kept = TeamFigure.objects.filter(figure=Figure.MESSAGES_OF_AGENTS, team_id=south.pk)
    assert sum(kept.values_list("amount", flat=True)) == 3
    assert services.differences() == []


def test_a_person_who_is_deleted_leaves_the_figures_of_the_desk_as_they_are(agent):
    Ticket.objects.create(title="T", assignee=agent)
    agent.delete()
    assert amount(Figure.TICKETS_CREATED) == 1
    assert sum(AgentFigure.objects.values_list("amount", flat=True)) == 0
    assert services.differences() == []


def test_an_update_of_what_counts_nowhere_writes_no_roll_up():
    Ticket.objects.create(title="T")
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid, xmin, amount FROM reporting_teamfigure ORDER BY 1")
        before = cursor.fetchall()
        Ticket.objects.update(title="Another", version=2)
        cursor.execute("SELECT ctid, xmin, amount FROM reporting_teamfigure ORDER BY 1")
        assert cursor.fetchall() == before


def test_the_migration_fills_the_roll_ups_from_what_is_there():
    scatter(3, count=20, start=utc(2026, 3, 1), days=2, users=[factories.agent()], teams=[factories.team()])
    TeamFigure.objects.all().delete()
    AgentFigure.objects.all().delete()
    missing = services.differences()
    assert missing
    assert services.rebuild_statistics() == (missing, [])


@pytest.mark.django_db(transaction=True)
def test_eight_writers_at_once_lose_nothing_and_never_wait_for_each_others_roll_ups():
    team, agent = factories.team(), factories.agent()
    start, failures = threading.Barrier(8), []

    def write(number: int) -> None:
        try:
            start.wait()
            for step in range(15):
                with transaction.atomic():
                    # Two figures in opposite orders: what would deadlock over shared rows.
                    for kind in ("ticket", "thread") if (number + step) % 2 else ("thread", "ticket"):
                        if kind == "ticket":
                            Ticket.objects.create(title="T", team=team, assignee=agent)
                        else:
                            Thread.objects.create(type="AGENT", team=team, agent=agent)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert not failures
    assert (amount(Figure.TICKETS_CREATED), amount(Figure.THREADS_STARTED)) == (120, 120)
    assert services.differences() == []


@pytest.mark.django_db(transaction=True)
def test_a_transaction_does_not_wait_for_another_that_has_counted_the_same():
    counted, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Ticket.objects.create(title="first")
            counted.set()
            done.wait(20)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert counted.wait(20)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            Ticket.objects.create(title="second")
    finally:
        done.set()
        holder.join()
    assert amount(Figure.TICKETS_CREATED) == 2


@pytest.mark.django_db(transaction=True)
def test_the_command_finds_and_mends_roll_ups_that_triggers_never_saw():
    Ticket.objects.create(title="seen")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Ticket.objects.create(title="unseen", created_at=utc(2026, 1, 1) + timedelta(minutes=7))
    checked = manage("rebuild_statistics", "--check")
    assert checked.returncode == 1
    assert "2026-01-01 00:00Z" in checked.stdout
    assert "all equal the tables" in manage("rebuild_statistics").stdout
    assert "All roll-ups equal" in manage("rebuild_statistics", "--check").stdout
