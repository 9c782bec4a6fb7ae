"""Waiting until every process has carried out a change of rights, so that "disabled" means disabled
everywhere."""

import secrets
import time

import psycopg
from django.db import connection

from events.services import announce_access_change
from events.sources import ACKNOWLEDGED, HUB, parameters


def wait_for_hubs(timeout: float = 5.0) -> bool:
    """Return True once every hub has answered a ping sent now, False if one had not within `timeout` seconds.

    Notices arrive in commit order, so a hub that answers has carried out every change committed before the
    call. Requests need no waiting: each reads the token's row.
    """
    word = f"ping:{secrets.token_hex(8)}"
    until = time.monotonic() + timeout
    with psycopg.connect(**parameters("inlay-barrier"), autocommit=True) as listening:
        listening.execute(f"LISTEN {ACKNOWLEDGED}")
        announce_access_change(word)
        heard = 0
        while heard < _hubs():
            left = until - time.monotonic()
            if left <= 0:
                return False
            heard += sum(
                note.payload == word for note in listening.notifies(timeout=min(left, 0.2), stop_after=1)
            )
    return True


def _hubs() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = %s",
            [HUB],
        )
        return cursor.fetchone()[0]
