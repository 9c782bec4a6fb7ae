"""Use and denials, counted in memory and written in bulk: no request pays for its own statistics.

A thread of each process writes every few seconds: uses per token, day, origin and result; a token's last
use at most once a minute; the last sign of life of sessions; and as events what an admin should hear of:
refusals and uses in grace (once a minute each), first uses from a new place. What a killed process had not
written yet is lost.
"""

import atexit
import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from api.requests import RequestFacts, current
from settings_app.queries import remembered, setting
from tokens.audit import record_token
from tokens.models import AccessToken
from tokens.origins import Facts

log = logging.getLogger("inlay.usage")
PERIOD = 5.0  # seconds
MINUTE = timedelta(minutes=1)
OK, GRACE = "ok", "grace_use"  # results of a use; every other result is the reason code of a refusal
MOST = 10_000  # different keys kept at once: a token's holder chooses origins, and must not fill the memory
MOST_ORIGINS = 50  # origins told apart per token and day, of uses and of refusals each; nor fill the tables
ELSEWHERE = "other"  # the origin that the rest is counted under

Note = tuple[UUID, str, str]  # token, result, origin
EVENTS = {
    GRACE: "token.grace_use",
    "domain_not_allowed": "token.domain_denied",
    "insufficient_scope": "token.scope_denied",
    "rotate_reuse": "token.rotate_reuse",
}
OTHER = "token.denied"

_lock = threading.Lock()
_counts: Counter[tuple[UUID, str, str]] = Counter()
_last: dict[tuple[UUID, str, str], datetime] = {}
_notes: dict[Note, tuple[str, str]] = {}
_sessions: dict[UUID, datetime] = {}
_told: dict[Note, float] = {}  # when an event was last written, by the writer only
_known: set[tuple[UUID, str, str, date]] = set()  # places looked at that day, by the writer only
_origins: dict[tuple[UUID, bool], set[str]] = {}  # that day's, of uses and of refusals, by the writer only
_day = date.min  # which day that is
_writer: threading.Thread | None = None
_stop = threading.Event()

ADD = """
    INSERT INTO tokens_dailyuse (token_id, day, origin, result, count)
    SELECT id, %s, %s, %s, %s FROM tokens_accesstoken WHERE id = %s
    ON CONFLICT (token_id, day, origin, result)
    DO UPDATE SET count = tokens_dailyuse.count + excluded.count"""
TOUCH = """
    UPDATE tokens_accesstoken SET last_used_at = %s, last_used_ip = %s, last_used_origin = %s
    WHERE id = %s AND (last_used_at IS NULL OR last_used_at < %s)"""
SEE = "UPDATE tokens_handoffsession SET seen_at = %s WHERE id = %s AND seen_at < %s"
ORIGINS = (
    "SELECT DISTINCT origin FROM tokens_dailyuse WHERE token_id = %s AND day = %s AND (result = %s) = %s"
)
KNOW = """
    INSERT INTO tokens_knownplace (token_id, kind, value)
    SELECT t.id, %s, %s FROM tokens_accesstoken t WHERE t.id = %s AND (
        SELECT count(*) FROM tokens_knownplace k WHERE k.token_id = t.id AND k.kind = %s AND k.first_at >= %s
    ) < %s
    ON CONFLICT (token_id, kind, value) DO NOTHING RETURNING id"""


def count(token_id: UUID, facts: Facts, result: str, detail: str = "", *, told: bool = False) -> None:
    """Count one use (`OK`, `GRACE`) or refusal (its reason code) of a token; `detail` joins the refusal's
    event.

    `told` says that the caller records the event itself.
    """
    place = facts.place[:300]
    with _lock:
        if len(_counts) >= MOST:
            place = ""
        _counts[token_id, place, OK if result == GRACE else result] += 1
        if result in (OK, GRACE):
            _last[token_id, facts.ip, place] = timezone.now()
        if result != OK and not told and len(_notes) < MOST:
            _notes[token_id, result, place] = (facts.ip, detail)
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
        counts, last, notes, sessions = dict(_counts), dict(_last), dict(_notes), dict(_sessions)
        for each in (_counts, _last, _notes, _sessions):
            each.clear()
    if not (counts or last or notes or sessions):
        return
    today = timezone.now().date()
    counts, last, notes = _folded(counts, last, notes, today)
    newest: dict[UUID, tuple[datetime, str, str]] = {}
    for (token_id, ip, place), at in last.items():
        newest[token_id] = max(newest.get(token_id, (at, ip, place)), (at, ip, place))
    with transaction.atomic(), connection.cursor() as cursor:
        # Sorted, so that two processes never wait for each other in a circle.
        for (token_id, place, result), number in sorted(counts.items(), key=str):
            cursor.execute(ADD, [today, place, result, number, token_id])
        for token_id, (at, ip, place) in sorted(newest.items(), key=str):
            cursor.execute(TOUCH, [at, ip, place, token_id, at - MINUTE])
        for session_id, at in sorted(sessions.items(), key=str):
            cursor.execute(SEE, [at, session_id, at - MINUTE])
    _tell(notes, _new_places(last, today))


def forget() -> None:
    """Forget what was counted and told (tests)."""
    with _lock:
        for each in (_counts, _last, _notes, _sessions, _told, _known, _origins):
            each.clear()


def _folded(counts: dict, last: dict, notes: dict, today: date) -> tuple[dict, dict, dict]:
    """Return the same with every origin beyond a day's MOST_ORIGINS of a token as ELSEWHERE."""
    global _day
    if today != _day or len(_origins) > MOST:
        _origins.clear()
        _day = today
    shown = {
        (token_id, place, result == OK): _origin(token_id, place, result == OK, today)
        for token_id, place, result in counts
    }
    sums: Counter[tuple[UUID, str, str]] = Counter()
    for (token_id, place, result), number in counts.items():
        sums[token_id, shown[token_id, place, result == OK], result] += number
    used = {
        (token_id, ip, shown.get((token_id, place, True), place)): at
        for (token_id, ip, place), at in sorted(last.items(), key=lambda item: item[1])
    }
    told = {
        (token_id, result, shown.get((token_id, place, result == GRACE), place)): what
        for (token_id, result, place), what in notes.items()
    }
    return dict(sums), used, told


def _origin(token_id: UUID, place: str, used: bool, today: date) -> str:
    """Return the origin to count a token's use (or refusal) under."""
    known = _origins.get((token_id, used), set())
    if place and place not in known and len(known) < MOST_ORIGINS:
        with connection.cursor() as cursor:  # other processes count too
            cursor.execute(ORIGINS, [token_id, today, OK, used])
            known = known | {each for (each,) in cursor.fetchall() if each not in ("", ELSEWHERE)}
        if len(known) < MOST_ORIGINS:
            known = known | {place}
        _origins[token_id, used] = known
    return place if not place or place in known else ELSEWHERE


def _new_places(
    last: dict[tuple[UUID, str, str], datetime], today: date
) -> list[tuple[UUID, str, str, str, str]]:
    """Return (token, kind, value, ip, origin) of addresses and origins that a token was never used from
    before; of either no more than MOST_ORIGINS a day.
    """
    found = []
    if len(_known) > 10 * MOST:
        _known.clear()
    with transaction.atomic(), connection.cursor() as cursor:
        for token_id, ip, place in sorted(last, key=str):
            for kind, value in (("ip", ip), ("origin", place)):
                if value not in ("", ELSEWHERE) and (token_id, kind, value, today) not in _known:
                    cursor.execute(KNOW, [kind, value, token_id, kind, today, MOST_ORIGINS])
                    if cursor.fetchone():
                        found.append((token_id, kind, value, ip, place))
                    _known.add((token_id, kind, value, today))
    return found


def _tell(notes: dict[Note, tuple[str, str]], places: list[tuple[UUID, str, str, str, str]]) -> None:
    """Record the events of refusals, uses in grace and new places; the same note at most once a minute."""
    now = time.monotonic()
    for note in [note for note, at in _told.items() if now - at >= 60]:
        del _told[note]
    notes = {note: what for note, what in notes.items() if note not in _told}
    ids = {note[0] for note in notes} | {place[0] for place in places}
    if not ids:
        return
    rows = AccessToken.objects.in_bulk(list(ids))
    with transaction.atomic():
        for (token_id, result, origin), (ip, detail) in notes.items():
            _told[token_id, result, origin] = now
            if row := rows.get(token_id):
                data = {"code": result, "origin": origin, "ip": ip} | ({"scope": detail} if detail else {})
                with _place(ip, origin):
                    record_token(EVENTS.get(result, OTHER), row, **data)
        for token_id, kind, value, ip, origin in places:
            if row := rows.get(token_id):
                with _place(ip, origin):
                    record_token("token.first_use", row, kind=kind, value=value)


@contextmanager
def _place(ip: str, origin: str) -> Iterator[None]:
    """Let events carry the place of a request that is long over."""
    before = current.set(RequestFacts("", ip, origin, ""))
    try:
        yield
    finally:
        current.reset(before)


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
