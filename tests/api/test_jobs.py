"""The worker goes on by itself after the database was away, with its timetable too."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicRegistry

from api import jobs
from tests.desk import no_desk_running
from tests.streams import with_own_connection

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "tests.tick"


@pytest.fixture
def came(monkeypatch) -> Iterator[list[int]]:
    """The times on the timetable of the jobs that came; it has one task, each second."""
    came: list[int] = []
    registry = PeriodicRegistry()

    def tick(timestamp: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        came.append(timestamp)

    task = app.task(tick, name=NAME, queue=NAME)
    registry.register_task(task, cron="* * * * * *", periodic_id="", configure_kwargs={})
    monkeypatch.setattr(jobs, "PAUSE", 0.05)
    monkeypatch.setitem(app.tasks, NAME, task)
    monkeypatch.setattr(jobs, "_app", own(jobs._app, registry))
    with no_desk_running():
        yield came


def own(make, registry: PeriodicRegistry):
    def made(listening: int):
        worker = make(listening)
        worker.periodic_registry = registry
        return worker

    return made


def backends() -> set[int]:
    """Return all connections to the tests' database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {pid for (pid,) in cursor.fetchall()}


def cut(others: set[int]) -> int:
    """End all connections but the others and the own, as a database does that restarts.

    Return the time on the timetable of the last job that was made by then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pids = backends() - others - {cursor.fetchone()[0]}
        assert len(pids) >= 2  # the worker's own, and that of the timetable
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s) pid", [list(pids)])
        cursor.execute("SELECT max(defer_timestamp) FROM procrastinate_periodic_defers")
        return cursor.fetchone()[0]


async def until(happened) -> None:
    ends = time.monotonic() + 15
    while not happened():
        assert time.monotonic() < ends, "It did not happen."
        await asyncio.sleep(0.02)


def test_the_timetable_runs_on_after_the_database_was_away(came):
    others, last = backends(), []

    async def work() -> None:
        worker = asyncio.create_task(jobs._run([([NAME], 1)]))
        try:
            await until(lambda: came)
            loop = asyncio.get_running_loop()
            with ThreadPoolExecutor(1) as apart:  # from the threads of jobs
                await loop.run_in_executor(apart, with_own_connection, lambda: last.append(cut(others)))
            await until(lambda: came[-1] > last[0])
        finally:
            worker.cancel()
            await worker
            await sync_to_async(connections.close_all)()

    asyncio.run(work())
    with connection.cursor() as cursor:
        cursor.execute("SELECT (args->>'timestamp')::bigint FROM procrastinate_jobs WHERE status = 'failed'")
        assert not [at for (at,) in cursor.fetchall() if at > last[0]]  # for a connection that was cut
