"""Only failures are throttled, per address and minute; a valid token is never locked by the failures of
others.

Counted in the process's memory: a forged token must not cost a statement. With several processes each counts
alone.
"""

import math
import threading
import time

from api.errors import Problem
from settings_app.queries import remembered

LIMITS = {"api": "apiFailuresPerMinute", "handoff": "handoffFailuresPerMinute"}
ADDRESSES = 50_000  # remembered at once; a flood from more addresses forgets the oldest minute

_lock = threading.Lock()
_minute = 0
_failures: dict[tuple[str, str], int] = {}


def count_failure(kind: str, ip: str, problem: Problem) -> None:
    """Count a refused call. Raises Problem `throttled` in place of a 401 or 403 when the address has too
    many."""
    global _minute
    if problem.status not in (400, 401, 403):
        return
    now = time.time()
    with _lock:
        if _minute != int(now // 60) or len(_failures) > ADDRESSES:
            _minute = int(now // 60)
            _failures.clear()
        failures = _failures[kind, ip] = _failures.get((kind, ip), 0) + 1
    if failures > remembered("tokens", LIMITS[kind]):
        wait = math.ceil(60 - now % 60)
        raise Problem("throttled", headers={"Retry-After": str(wait)}, reason=problem.code) from problem


def check(kind: str, ip: str) -> None:
    """Raise Problem `throttled` when an address failed too often this minute: asked before costly work.

    For passwords only: a valid token is never locked by the failures of others.
    """
    now = time.time()
    with _lock:
        failures = _failures.get((kind, ip), 0) if _minute == int(now // 60) else 0
    if failures >= remembered("tokens", LIMITS[kind]):
        raise Problem("throttled", headers={"Retry-After": str(math.ceil(60 - now % 60))})


def forget_failures() -> None:
    """Start counting anew (tests, and an operator's shell)."""
    with _lock:
        _failures.clear()
