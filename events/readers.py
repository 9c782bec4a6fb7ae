"""Durable readers: code that runs once for each event of some types, whatever is killed in between.

This is how a lower app calls a higher one (design.md, "Folders"): it records an event, and the higher app
reads it. The worker runs all readers; each keeps its own place in the feed, moved in the transaction of what
the reader does.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from django.db.models import F
from django.utils import timezone

from events import queries
from events.models import Event, ReaderPlace
from events.queries import Position
from events.services import CHANNEL
from events.sources import parameters

log = logging.getLogger("inlay.readers")
SAFETY = 5.0  # seconds after which readers look even if nothing woke them
GATHERING = 0.03  # seconds in which what else happens is read along: a busy desk wakes nobody for each event
SOON = 0.01  # seconds until another look, where an open transaction hides what woke them
FIRST_LOOK = timedelta(minutes=1)  # a new reader begins with what happened since then, not with all history
PATIENCE = 8  # times that an event is tried before its reader goes on without it

# The first event of the types after a place, but not beyond the head: there rows may still come in between.
NEXT = """
    SELECT id FROM events_event
    WHERE (transaction, id) > (%s::text::xid8, %s::bigint)
    AND (transaction, id) <= (%s::text::xid8, %s::bigint) AND type = ANY(%s)
    ORDER BY events_event.transaction, events_event.id LIMIT 1"""
BEGINNING = """
    SELECT transaction::text, id - 1 FROM events_event
    WHERE at >= %s AND transaction < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY events_event.transaction, events_event.id LIMIT 1"""


@dataclass(frozen=True)
class Reader:
    """`handle` takes one event and works in its reader's transaction: quick, and never over the network."""

    name: str
    types: tuple[str, ...]
    handle: Callable[[Event], None]


READERS: dict[str, Reader] = {}


def reader(name: str, *types: str) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Register the decorated function as a reader of these types of events, under a name that stays.

    It runs in the worker, in commit order, inside the transaction that moves the reader's place: what it
    writes happens exactly once. What must go over the network it gives to a background job. An exception
    undoes its writes; the event is tried again, and after eight times left behind and logged.
    """

    def register(handle: Callable[[Event], None]) -> Callable[[Event], None]:
        READERS[name] = Reader(name, types, handle)
        return handle

    return register


def read_all() -> int:
    """Give every reader what waits for it; return how many events were read. For the worker and for tests."""
    return sum(_read(each) for each in READERS.values())


def _read(each: Reader) -> int:
    read = 0
    try:
        while _step(each):
            read += 1
    except (InterfaceError, DatabaseError) as error:
        if connection.connection is None or connection.connection.closed:
            raise
        _failed(each, error)
    except Exception as error:  # noqa: BLE001 - whatever one reader does, the others go on
        _failed(each, error)
    return read


def _step(each: Reader) -> bool:
    """Give a reader its next event; False when none waits, or when another process has the reader."""
    with transaction.atomic():
        mine = ReaderPlace.objects.select_for_update(skip_locked=True).filter(pk=each.name).first()
        if mine is not None:
            return _step_from(mine, each)
    return _begin(each.name)


def _step_from(mine: ReaderPlace, each: Reader) -> bool:
    place, head = queries.parse_position(mine.place), queries.head()
    found = _next(each, place, head)
    if found is None:
        if place < head:
            _move(mine, head)
        return False
    if mine.failures < PATIENCE:
        each.handle(found)
    else:
        log.error("reader %s goes on without event %s (%s)", each.name, found.pk, found.type)
    _move(mine, Position(found.transaction, found.pk))
    return True


def _begin(name: str) -> bool:
    """Give a reader that is new its first place; return whether it was new."""
    if ReaderPlace.objects.filter(pk=name).exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute(BEGINNING, [timezone.now() - FIRST_LOOK])
        row = cursor.fetchone()
    begin = Position(int(row[0]), row[1]) if row else queries.head()
    ReaderPlace.objects.bulk_create([ReaderPlace(name=name, place=str(begin))], ignore_conflicts=True)
    return True


def _next(each: Reader, place: Position, head: Position) -> Event | None:
    span = [str(place.transaction), place.id, str(head.transaction), head.id]
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [*span, list(each.types)])
        row = cursor.fetchone()
    return Event.objects.get(pk=row[0]) if row else None


def _move(mine: ReaderPlace, place: Position) -> None:
    mine.place, mine.failures = str(place), 0
    mine.save()


def _failed(each: Reader, error: Exception) -> None:
    log.warning("reader %s failed and tries again: %s", each.name, error, exc_info=error)
    ReaderPlace.objects.filter(pk=each.name).update(failures=F("failures") + 1)


def start() -> threading.Thread:
    """Read in a thread of its own, for as long as the process lives."""
    thread = threading.Thread(target=_read_forever, name="event-readers", daemon=True)
    thread.start()
    return thread


def _read_forever() -> None:
    """Read whenever something happened, and connect again after whatever went wrong."""
    while True:
        try:
            _read_until_broken()
        except (psycopg.Error, DatabaseError, OSError) as error:
            log.warning("reading events stopped: %s", error)
        except Exception:  # noqa: BLE001 - the worker's other work goes on; so must this
            log.exception("reading events stopped")
        close_old_connections()
        time.sleep(1)


def _read_until_broken() -> None:
    with psycopg.connect(**parameters("inlay-readers"), autocommit=True) as listening:
        listening.execute(f"LISTEN {CHANNEL}")
        expected, pause = 0, SOON
        while True:
            read_all()
            hidden = expected > queries.head().transaction
            pause = min(pause * 2, SAFETY) if hidden else SOON
            for notice in listening.notifies(timeout=pause if hidden else SAFETY, stop_after=1):
                expected = max(expected, int(notice.payload))
            time.sleep(GATHERING)
