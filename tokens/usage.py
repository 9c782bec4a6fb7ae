"""Use and denials, counted in memory and written in bulk: no request pays for its own statistics.

A thread of each process writes every few seconds: uses per token, day, origin and result; a token's last use at most
once a minute; the last sign of life of sessions. What a killed process had not written yet is lost: counts, no more.
"""

import atexit
import logging
import threading
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from settings_app.queries import remembered, setting
from tokens.origins import Facts

log = logging.getLogger("inlay.usage")
PERIOD = 5.0  # seconds
MINUTE = timedelta(minutes=1)

_lock = threading.Lock()
_counts: Counter[tuple[UUID, str, str]] = Counter()
_last: dict[UUID, tuple[datetime, str, str]] = {}
_sessions: dict[UUID, datetime] = {}
_writer: threading.Thread | None = None
_stop = threading.Event()

ADD = """
    INSERT INTO tokens_dailyuse (token_id, day, origin, result, count)
    SELECT id, %s, %s, %s, %s FROM tokens_accesstoken WHERE id = %s
    ON CONFLICT (token_id, day, origin, result) DO UPDATE SET count = tokens_dailyuse.count + excluded.count"""
TOUCH = """
    UPDATE tokens_accesstoken SET last_used_at = %s, last_used_ip = %s, last_used_origin = %s
    WHERE id = %s AND (last_used_at IS NULL OR last_used_at < %s)"""
SEE = "UPDATE tokens_handoffsession SET seen_at = %s WHERE id = %s AND seen_at < %s"


def count(token_id: UUID, facts: Facts, result: str) -> None:
    """Count one use (`ok`) or refusal (its reason code) of a token."""
    place = facts.place[:300]
    with _lock:
        _counts[token_id, place, result] += 1
        if result == "ok":
            _last[token_id] = (timezone.now(), facts.ip, place)
    if _writer is None or not _writer.is_alive():
        _start()


def idle_since(seen: datetime, now: datetime) -> bool:
    """Whether a session last seen then has idled too long (setting embedding.sessionIdle)."""
    return now - seen > timedelta(seconds=remembered("embedding", "sessionIdle"))


def session_seen(session_id: UUID, seen: datetime, now: datetime) -> None:
    """Note a session's sign of life; written at most once a minute."""
    if now - seen > MINUTE:
        with _lock:
            _sessions[session_id] = now
        if _writer is None or not _writer.is_alive():
            _start()


def flush() -> None:
    """Write what was counted."""
    with _lock:
        counts, last, sessions = dict(_counts), dict(_last), dict(_sessions)
        _counts.clear()
        _last.clear()
        _sessions.clear()
    if not (counts or last or sessions):
        return
    today = timezone.now().date()
    with transaction.atomic(), connection.cursor() as cursor:
        # Sorted, so that two processes never wait for each other in a circle.
        for (token_id, place, result), number in sorted(counts.items(), key=str):
            cursor.execute(ADD, [today, place, result, number, token_id])
        for token_id, (at, ip, place) in sorted(last.items(), key=str):
            cursor.execute(TOUCH, [at, ip, place, token_id, at - MINUTE])
        for session_id, at in sorted(sessions.items(), key=str):
            cursor.execute(SEE, [at, session_id, at - MINUTE])


def _start() -> None:
    global _writer
    with _lock:
        if _writer is None or not _writer.is_alive():
            _writer = threading.Thread(target=_write_forever, name="token-usage", daemon=True)
            _writer.start()
            atexit.register(_stop.set)


def _write_forever() -> None:
    while not _stop.wait(PERIOD):
        try:
            flush()
            for group, key in (("tokens", "apiFailuresPerMinute"), ("embedding", "sessionIdle")):
                setting(group, key)  # so that `remembered` stays fresh without a request paying for it
        except Exception as error:  # noqa: BLE001 - counting must not die with the database
            log.warning("could not write token usage: %s", error)
            connection.close()
