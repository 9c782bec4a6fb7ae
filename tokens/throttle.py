"""Only failures are throttled, per address and minute; a valid token is never locked by the failures of
others.

Counted in the process's memory: a forged token must not cost a statement. With several processes each counts
alone.
"""

import math
import threading
import time

from api.errors import Problem
from api.requests import site_of
from settings_app.queries import remembered

LIMITS = {"api": "apiFailuresPerMinute", "handoff": "handoffFailuresPerMinute"}
ADDRESSES = 50_000  # remembered at once; a flood from more addresses forgets the oldest minute

_lock = threading.Lock()
_minute = 0
_failures: dict[tuple[str, str], int] = {}


def count_failure(kind: str, ip: str, problem: Problem) -> None:
    """Count a refused call. Raises Problem `throttled` in place of a 401 or 403 when the address has too
    many."""
    if problem.status not in (400, 401, 403):
        return
    if _counted(kind, site_of(ip)) > remembered("tokens", LIMITS[kind]):
        raise Problem("throttled", headers=_later(), reason=problem.code) from problem


def count_call(kind: str, caller: str, most: int) -> None:
    """Count a call that makes something for anybody; `caller` is a visitor's id, or an address (site_of).

    Raises Problem `throttled` beyond `most` a minute.
    """
    if _counted(kind, caller) > most:
        raise Problem("throttled", "Too many at once: try again later.", headers=_later())


def _counted(kind: str, ip: str) -> int:
    """Count once more, and return how many that are this minute."""
    global _minute
    minute = int(time.time() // 60)
    with _lock:
        if _minute != minute or len(_failures) > ADDRESSES:
            _minute = minute
            _failures.clear()
        count = _failures[kind, ip] = _failures.get((kind, ip), 0) + 1
    return count


def _later() -> dict[str, str]:
    return {"Retry-After": str(math.ceil(60 - time.time() % 60))}


def check(kind: str, ip: str) -> None:
    """Raise Problem `throttled` when an address failed too often this minute: asked before costly work.

    For passwords only: a valid token is never locked by the failures of others.
    """
    now = time.time()
    with _lock:
        failures = _failures.get((kind, site_of(ip)), 0) if _minute == int(now // 60) else 0
    if failures >= remembered("tokens", LIMITS[kind]):
        raise Problem("throttled", headers=_later())


def forget_failures() -> None:
    """Start counting anew (tests, and an operator's shell)."""
    with _lock:
        _failures.clear()
