"""Whatever the network, the server and the database do: what was acknowledged is there once, in order, for
every reader.

The run itself is bench.chaos, which also goes on for 100,000 messages: `python -m bench.chaos`.
"""

import asyncio
import os
import signal
import time
from contextlib import suppress

from django.db import OperationalError, connection, connections

from bench.chaos.run import Plan, Run
from tests.desk import Desk

SENDS, VISITORS = 2_000, 20


class MortalDesk(Desk):
    """A desk whose database can crash: PostgreSQL ends all its processes when one of them is killed."""

    def crash_database(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'inlay-hub'")
            (pid, *_) = cursor.fetchone()
        connection.close()
        os.kill(pid, signal.SIGKILL)
        for _ in range(300):
            time.sleep(0.1)  # it ends, and recovers
            with suppress(OperationalError):
                connection.ensure_connection()
                connection.close()
                return
        raise AssertionError("PostgreSQL did not come back")


def test_every_acknowledged_message_is_there_once_and_in_order_for_everybody(transactional_db, tmp_path):
    desk = MortalDesk(tmp_path)
    plan = Plan(
        SENDS,
        VISITORS,
        agents=3,
        visitors_share=0.15,
        kill_seconds=6,
        stream_seconds=2,
        most_seconds=20,
    )
    try:
        outcome = asyncio.run(Run(desk, plan, print).go())
    finally:
        connections.close_all()  # they did not survive either
        desk.stop()
    print(outcome)
    assert not outcome.wrong, outcome.wrong[:20]
    assert outcome.stored == outcome.sends > VISITORS
    assert outcome.kills and outcome.crashes and outcome.reopened
    harmed = sum(count for fate, count in outcome.fates.items() if fate != "pass")
    assert harmed > outcome.sends / 4, outcome.fates
