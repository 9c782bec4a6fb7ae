"""Reading events in an order in which none can be skipped.

A serial id is not commit order: id 5 may commit before id 4. Rows are therefore read in the order
(transaction, id) and only below `pg_snapshot_xmin(pg_current_snapshot())`, where every transaction has ended
(PostgreSQL manual, "System Information Functions"); a cursor over that order can never pass a row that
commits late.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from api.errors import Problem

SCANNED = 2_000  # rows that one page reads at most, so that a caller who sees little cannot make it read all
POSITION = re.compile(r"(\d{1,19})-(\d{1,18})")

# Ordered by the columns, named with their table: a bare `transaction` would be the text that is selected.
SELECT = """
    SELECT transaction::text, id, type, at, object_id, actor_id, actor_name, data, audience
    FROM events_event
    WHERE (transaction, id) > (%s::text::xid8, %s::bigint) AND transaction <
    pg_snapshot_xmin(pg_current_snapshot()) ORDER BY events_event.transaction, events_event.id LIMIT %s"""
# Parts of an event's data that do not last as long as it, such as signed links, are made anew when it is
# given out: by the type of event, a function of its JSON. Apps add theirs in AppConfig.ready().
RENEWALS: dict[str, Callable[[str | bytes], str | bytes]] = {}
HEAD = """
    SELECT transaction::text, id FROM events_event
    WHERE transaction < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY events_event.transaction DESC, events_event.id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in commit order, written `<transaction>-<id>`: the id of an event as clients see it."""

    transaction: int = 0
    id: int = 0

    def __str__(self) -> str:
        return f"{self.transaction}-{self.id}"


def parse_position(text: str) -> Position:
    """Return the place a client names by `after=` or Last-Event-ID. Raises Problem `invalid_cursor`."""
    found = POSITION.fullmatch(text.strip())
    if not found or int(found[1]) >= 2**63:
        raise Problem("invalid_cursor", "Expected the id of an event.")
    return Position(int(found[1]), int(found[2]))


def shown(row: tuple) -> dict[str, Any]:
    """Return one event as clients see it, in the list and on the stream alike."""
    transaction, number, type_, at, object_id, actor_id, actor_name, data, _ = row
    text = data if isinstance(data, str | bytes) else orjson.dumps(data)
    renew = RENEWALS.get(type_)
    return {
        "id": f"{transaction}-{number}",
        "type": type_,
        "createdAt": at,
        "objectId": object_id,
        "actor": {"id": actor_id, "username": actor_name} if actor_id else None,
        "data": orjson.Fragment(renew(text) if renew else text),
    }


def after(
    position: Position, channels: Iterable[str], limit: int
) -> tuple[list[dict[str, Any]], Position, bool]:
    """Return up to `limit` events after the position that the channels may see, the place reached, and if
    more wait."""
    mine = frozenset(channels)
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [str(position.transaction), position.id, SCANNED])
        rows = cursor.fetchall()
    found: list[dict[str, Any]] = []
    for row in rows:
        if len(found) == limit:
            return found, position, True
        position = Position(int(row[0]), row[1])
        if not mine.isdisjoint(row[-1]):
            found.append(shown(row))
    return found, position, len(rows) == SCANNED


def head() -> Position:
    """Return the place of the newest readable event."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD)
        row = cursor.fetchone()
    return Position(int(row[0]), row[1]) if row else Position()
