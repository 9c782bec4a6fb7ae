"""Sending a message: numbered without gaps, stored once whatever the network repeats."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from api.errors import Problem, field_error
from api.filters import Clause
from api.ids import id_array, new_id
from events.services import record
from messaging import queries
from messaging.models import Message, MessageType, Thread, ThreadState, Visibility, Visitor
from messaging.services.mentions import mentioned
from messaging.services.states import reopen_locked
from messaging.services.threads import heard_of_message, locked_thread

LONGEST = 20_000  # characters of one message

# The row lock of this UPDATE is what orders the senders of a thread. Who rolls back gives the number back.
NUMBER = """
    UPDATE messaging_thread SET
        last_seq = last_seq + 1,
        updated_at = coalesce(%s::timestamptz, clock_timestamp()),
        last_message_at = coalesce(%s::timestamptz, clock_timestamp()),
        last_content = coalesce(%s::text, last_content),
        first_visitor_at = CASE WHEN %s::boolean
            THEN coalesce(first_visitor_at, %s::timestamptz, clock_timestamp()) ELSE first_visitor_at END,
        first_response_at = CASE WHEN %s::boolean AND first_visitor_at IS NOT NULL
            THEN coalesce(first_response_at, %s::timestamptz, clock_timestamp()) ELSE first_response_at END
    WHERE {}
    RETURNING last_seq, last_message_at, type, state, team_id, agent_id, created_by_id, visitor_id"""
INSERT = """
    WITH stored AS (
        INSERT INTO messaging_message
            (id, thread_id, seq, client_id, type, visibility, content, user_id, visitor_id, created_at,
             mentions)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s::uuid, %s::uuid, %s, %s::uuid[])
        ON CONFLICT (thread_id, client_id) WHERE NOT (client_id = '') DO NOTHING
        RETURNING thread_id, seq, user_id
    ), marked AS (
        INSERT INTO messaging_readmark AS mark (thread_id, user_id, seq)
        SELECT thread_id, user_id, seq FROM stored WHERE user_id IS NOT NULL
        ON CONFLICT (thread_id, user_id) DO UPDATE SET seq = excluded.seq, updated_at = now()
        WHERE mark.seq < excluded.seq
    ) SELECT 1 FROM stored"""


class _Numbered(NamedTuple):
    seq: int
    at: datetime
    type: str
    state: str
    team_id: UUID | None
    agent_id: UUID | None
    created_by_id: UUID | None
    visitor_id: UUID | None


class _SentBefore(Exception):
    """The thread has a message with this client id: undo the number, answer with the first one."""


def send_message(
    *,
    thread: Thread | UUID,
    content: str,
    user: User | None = None,
    visitor: Visitor | None = None,
    type: str = MessageType.TEXT,
    visibility: str = Visibility.PUBLIC,
    client_id: str = "",
    visible: Iterable[Clause] = (),
    created_at: datetime | None = None,
    mentions: Iterable[UUID] = (),
) -> dict[str, Any]:
    """Send a message of a user or a visitor (or of neither: the desk) and return it as the API shows it.

    The same `client_id` of the same sender in a thread returns the first message. A visitor's message
    reopens a closed thread. `visible` narrows what the sender may see; `mentions` are colleagues
    (services.mentions); `created_at` is for imports and demonstrations. Raises Problem `not_found` (a hidden
    thread too), `validation_failed`, `invalid_state` (a closed thread), `visitor_blocked`, or
    `already_exists` where the client id is somebody else's.
    """
    if type == MessageType.SYSTEM and (user or visitor):
        raise field_error("type", "invalid", "Only the desk itself writes system messages.")
    content = _checked(content, type, visibility, client_id, visitor)
    thread_id = thread.pk if isinstance(thread, Thread) else thread
    message_id = new_id()
    try:
        with transaction.atomic():
            where: list[Clause] = [('"messaging_thread"."id" = %s', [thread_id]), queries.SHOWN, *visible]
            numbered = _number(where, content, type, visibility, user, visitor, created_at)
            if visitor is not None:
                # Asked with the thread in hand: who blocks takes its threads first, so nothing slips through.
                refuse_blocked(visitor.pk)
            sender = user.pk if user else None, visitor.pk if visitor else None
            named = (
                mentioned(thread=numbered, visibility=visibility, content=content, ids=mentions)
                if user
                else []
            )
            with connection.cursor() as cursor:
                row = [message_id, thread_id, numbered.seq, client_id, type, visibility, content, *sender]
                cursor.execute(INSERT, [*row, numbered.at, id_array(named)])
                if cursor.fetchone() is None:
                    raise _SentBefore
            if numbered.state == ThreadState.CLOSED and visibility == Visibility.PUBLIC:
                if visitor is None:
                    raise Problem("invalid_state", "The thread is closed: reopen it to write.")
                reopen_locked(locked_thread(thread_id), None)
            shown = queries.message_shown(message_id)
            record(
                "message.created",
                object_id=message_id,
                audience=heard_of_message(numbered, visibility),
                actor=user,
                data=shown,
            )
    except _SentBefore:
        return _first(thread_id, client_id, user, visitor)
    return shown


def refuse_blocked(visitor_id: UUID) -> None:
    """Raise Problem `visitor_blocked` where a visitor may not write."""
    if Visitor.objects.filter(pk=visitor_id, blocked_at__isnull=False).exists():
        raise Problem("visitor_blocked")


def checked_text(content: str) -> str:
    """Return the content if it can be a message. Raises Problem `validation_failed`."""
    if not content.strip():
        raise field_error("content", "blank", "Expected a text.")
    if len(content) > LONGEST:
        raise field_error("content", "too_long", f"Expected at most {LONGEST} characters.")
    return content


def preview_of(type: str, content: str) -> str:
    """Return what a thread shows of its last message."""
    return content[:200] if type in (MessageType.TEXT, MessageType.SYSTEM) else f"[{type}]"


def _number(
    where: list[Clause],
    content: str,
    type: str,
    visibility: str,
    user: User | None,
    visitor: Visitor | None,
    created_at: datetime | None,
) -> _Numbered:
    """Give the message its number and tell the thread of it. Raises Problem `not_found`."""
    public = visibility == Visibility.PUBLIC
    shown = preview_of(type, content) if public else None  # parent pages show it: a note is not for them
    by_visitor, responds, at = visitor is not None, user is not None and public, created_at
    condition = " AND ".join(f"({clause})" for clause, _ in where)
    params: list[Any] = [at, at, shown, by_visitor, at, responds, at]
    with connection.cursor() as cursor:
        cursor.execute(NUMBER.format(condition), params + [each for _, given in where for each in given])
        row = cursor.fetchone()
    if row is None:
        raise Problem("not_found")
    return _Numbered(*row)


def _first(thread_id: UUID, client_id: str, user: User | None, visitor: Visitor | None) -> dict[str, Any]:
    first = Message.objects.only("id", "user_id", "visitor_id").get(thread_id=thread_id, client_id=client_id)
    if (first.user_id, first.visitor_id) != (user.pk if user else None, visitor.pk if visitor else None):
        # Taking it for a resend would lose the message of one of the two.
        detail = "Another sender has used this clientId in the thread."
        errors = [{"field": "clientId", "code": "already_exists", "detail": detail}]
        raise Problem("already_exists", detail, errors=errors)
    return queries.message_shown(first.pk)


def _checked(content: str, type: str, visibility: str, client_id: str, visitor: Visitor | None) -> str:
    """Return the content as it is stored. Raises Problem `validation_failed`."""
    if type not in MessageType.values:
        raise field_error("type", "invalid", f"Expected one of {', '.join(MessageType.values)}.")
    if visibility not in Visibility.values:
        raise field_error("visibility", "invalid", f"Expected one of {', '.join(Visibility.values)}.")
    if visitor is not None and visibility != Visibility.PUBLIC:
        raise field_error("visibility", "invalid", "Notes are for the people of the desk.")
    checked_text(content)
    if type in (MessageType.IMAGE, MessageType.FILE) and not content.startswith(("https://", "http://", "/")):
        raise field_error("content", "invalid", "Expected the http(s) address or path of the file.")
    if len(client_id) > 64:
        raise field_error("clientId", "too_long", "Expected at most 64 characters.")
    return content
