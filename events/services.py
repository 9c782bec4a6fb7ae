"""Recording what happened, in the transaction that made it happen."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from api.rendering import dumps
from api.requests import current
from events.models import Event

CHANNEL = "inlay_events"
WHISPER_CHANNEL = "inlay_whispers"  # what is worth hearing only at once, and is stored nowhere
LONGEST_WHISPER = 7_000  # bytes; PostgreSQL takes 8,000 with a notice
ACCESS_CHANNEL = "inlay_access"  # "token:<id>" or "user:<id>": what somebody may do has changed

INSERT = """
    WITH recorded AS (
        INSERT INTO events_event (type, object_type, object_id, audience, actor_id, actor_name, token_id,
                                  request_id, ip, origin, agent, data)
        VALUES (%s, %s, %s, %s::text[], %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
        RETURNING id, transaction
    ) SELECT id, pg_notify(%s, transaction::text) FROM recorded"""


def record(
    type: str,
    *,
    object_id: uuid.UUID | str,
    audience: Iterable[str],
    actor: Any = None,
    token_id: uuid.UUID | None = None,
    data: dict[str, Any] | None = None,
) -> int:
    """Write one event and wake the streams when the transaction commits; return its id.

    `type` is `<object>.<what>`; `audience` the channels that may see it; `actor` a user (or None for the desk
    itself); `data` what the API would show, free of secrets. Request facts are added from the request at
    hand. Raises TransactionManagementError outside a transaction: an event without its change is a lie.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("record() belongs inside the transaction of its change.")
    facts = current.get()
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                type,
                type.split(".", 1)[0],
                str(object_id),
                list(dict.fromkeys(audience)),
                actor.pk if actor else None,
                actor.get_username() if actor else "",
                token_id,
                facts.id,
                facts.ip,
                facts.origin,
                facts.agent,
                dumps(data or {}).decode(),
                CHANNEL,
            ],
        )
        return cursor.fetchone()[0]


def blank_past(
    object_id: uuid.UUID | str, path: Iterable[str], text: str | None = None, *, by: str = '""'
) -> int:
    """Blank a value in the data of an object's events so far: what was taken back stays readable nowhere.

    `path` leads to it; with `text`, only where it says this; `by` is the JSON that takes its place. Return in
    how many events.
    """
    place = list(path)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_event SET data = jsonb_set(data, %s::text[], %s::jsonb, false)"
            " WHERE object_id = %s AND data #>> %s::text[] <> ''"
            " AND (%s::text IS NULL OR data #>> %s::text[] = %s::text)",
            [place, by, str(object_id), place, text, place, text],
        )
        return cursor.rowcount


def forget_older_than(age: timedelta) -> int:
    """Delete events past their retention; return how many. Run by the worker."""
    return Event.objects.filter(at__lt=timezone.now() - age).delete()[0]


def announce_access_change(word: str) -> None:
    """Tell every stream that a token or user (`token:<id>`, `user:<id>`) must be judged again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [ACCESS_CHANNEL, word])


def whisper(type: str, *, audience: Iterable[str], data: dict[str, Any]) -> None:
    """Tell open streams something that is no event: it is not stored, not numbered, and lost to who is away.

    For what is over in seconds, such as that somebody is typing. What is too long to be sent is not.
    """
    said = dumps({"audience": list(audience), "type": type, "data": data}).decode()
    if len(said.encode()) <= LONGEST_WHISPER:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [WHISPER_CHANNEL, said])


def using_redis() -> bool:
    """Whether hubs listen to Redis, fed by the worker's relay, instead of to PostgreSQL themselves."""
    return bool(settings.REDIS_URL)
