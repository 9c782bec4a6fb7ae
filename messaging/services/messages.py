"""Sending a message: numbered without gaps, stored once whatever the network repeats."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.models import User
from api.database import fetch_one
from api.errors import Problem, field_error
from api.filters import Clause
from api.ids import new_id
from api.rendering import dumps
from events.services import record
from messaging import queries
from messaging.files import links
from messaging.models import (
    Message,
    MessageType,
    Robot,
    Thread,
    ThreadState,
    ThreadType,
    Visibility,
    Visitor,
)
from messaging.services import attachments, cards
from messaging.services.mentions import mentioned
from messaging.services.states import accept_locked, reopen_locked
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
            THEN coalesce(first_response_at, %s::timestamptz, clock_timestamp()) ELSE first_response_at END,
        waiting_since = CASE WHEN %s::boolean OR type = 'TICKET' THEN NULL WHEN %s::boolean
            THEN coalesce(waiting_since, %s::timestamptz, clock_timestamp()) ELSE waiting_since END
    WHERE {}
    RETURNING id, last_seq, last_message_at, type, state, team_id, agent_id, created_by_id, visitor_id,
        participant_ids"""
INSERT = """
    INSERT INTO messaging_message
        (id, thread_id, seq, client_id, type, visibility, content, card, user_id, visitor_id, robot_id,
         suggestions, created_at)
    SELECT %s::uuid, id, last_seq, %s::text, %s::text, %s::text, %s::text, %s::jsonb, %s::uuid, %s::uuid,
        %s::uuid, %s::text[], last_message_at
    FROM numbered
    ON CONFLICT (thread_id, client_id) WHERE NOT (client_id = '') DO NOTHING
    RETURNING *"""
MARK = """
    INSERT INTO messaging_readmark AS mark (thread_id, user_id, seq)
    SELECT thread_id, user_id, seq FROM messaging_message WHERE user_id IS NOT NULL
    ON CONFLICT (thread_id, user_id) DO UPDATE SET seq = excluded.seq, updated_at = now()
    WHERE mark.seq < excluded.seq"""
# One statement: numbered, stored, marked as read by its sender, and read back as the list of messages shows
# it. The stored row takes the table's name, so the list's own columns and joins apply to it. No row: no such
# thread; a row without a message: this client id was there.
SEND = """
    WITH numbered AS ({number}), messaging_message AS ({insert}), marked AS ({mark})
    SELECT {shown}, messaging_message.id, numbered.*
    FROM numbered LEFT JOIN ({tables}) ON messaging_message.thread_id = numbered.id"""


class _Numbered(NamedTuple):
    id: UUID
    seq: int
    at: datetime
    type: str
    state: str
    team_id: UUID | None
    agent_id: UUID | None
    created_by_id: UUID | None
    visitor_id: UUID | None
    participant_ids: list[UUID]


class _SentBefore(Exception):
    """The thread has a message with this client id: undo the number, answer with the first one."""


def send_message(
    *,
    thread: Thread | UUID,
    content: str = "",
    user: User | None = None,
    visitor: Visitor | None = None,
    robot: Robot | None = None,
    type: str = MessageType.TEXT,
    visibility: str = Visibility.PUBLIC,
    client_id: str = "",
    attachment: UUID | None = None,
    card: Mapping[str, Any] | None = None,
    suggestions: Sequence[str] = (),
    visible: Iterable[Clause] = (),
    reusable: Iterable[Clause] = (),
    created_at: datetime | None = None,
    mentions: Iterable[UUID] = (),
) -> dict[str, Any]:
    """Send a message of a user, a visitor, a robot (or of none: the desk); return it as the API shows it.

    The same `client_id` of the same sender in a thread returns the first message. A visitor's message
    reopens a closed thread; a user's public one takes a conversation that a robot has. An `attachment` is an
    upload of the sender, or a canned reply's among those that `reusable` leaves; with it, or a `card`, the
    type "" is found out. `suggestions` are what the visitor may answer by a tap, `mentions` colleagues
    (services.mentions). `visible` narrows what the sender may see; `created_at` is for imports and
    demonstrations. Raises Problem `not_found` (a hidden
    thread too), `validation_failed`, `invalid_state` (a closed thread), `visitor_blocked`, or
    `already_exists` where the client id is somebody else's.
    """
    if type == MessageType.SYSTEM and (user or visitor or robot):
        raise field_error("type", "invalid", "Only the desk itself writes system messages.")
    thread_id = thread.pk if isinstance(thread, Thread) else thread
    message_id, sender = new_id(), _sender(user, visitor, robot)
    if attachment is not None:
        try:
            given = "" if type == MessageType.TEXT else type
            found = attachments.message_type(attachment, given, user=user, visitor=visitor, reusable=reusable)
        except Problem:
            # A resend whose first message was recalled since, and its file with it.
            resent = Message.objects.filter(thread_id=thread_id, client_id=client_id)
            if client_id and resent.filter(user=user, visitor=visitor).exists():
                return _first(thread_id, client_id, sender)
            raise
        type = found
    elif not type:
        type = MessageType.CARD if card is not None else MessageType.TEXT
    card = _checked_card(card, type, visitor)
    content = cards.in_words(card) if card and not content.strip() else content
    content = _checked(content, type, visibility, client_id, visitor, attachment)
    try:
        with transaction.atomic():
            where: list[Clause] = [('"messaging_thread"."id" = %s', [thread_id]), queries.SHOWN, *visible]
            stored_card = dumps(card).decode() if card else None
            offered = list(suggestions) or "{}"  # as PostgreSQL writes it: a list costs psycopg more
            message = [message_id, client_id, type, visibility, content, stored_card, *sender, offered]
            told = _told(type, content, visibility, user, visitor, robot, created_at)
            numbered, shown = _store(where, told, message)
            if visitor is not None:
                # Asked with the thread in hand: who blocks takes its threads first, so nothing slips through.
                refuse_blocked(visitor.pk)
            if shown is None:
                raise _SentBefore
            if attachment is not None:
                attachments.give_to_message(
                    attachment_id=attachment, message_id=message_id, user=user, visitor=visitor
                )
            named = _mention(message_id, numbered, visibility, content, mentions) if user else []
            if attachment is not None or named:
                shown = queries.message_shown(message_id)
            if numbered.state == ThreadState.CLOSED and visibility == Visibility.PUBLIC:
                if visitor is None:
                    raise Problem("invalid_state", "The thread is closed: reopen it to write.")
                reopen_locked(locked_thread(thread_id), None)
            elif numbered.type == ThreadType.ROBOT and user is not None and visibility == Visibility.PUBLIC:
                accept_locked(locked_thread(thread_id), user)
            record(
                "message.created",
                object_id=message_id,
                audience=heard_of_message(numbered, visibility),
                actor=user,
                data=links.without(shown),
            )
    except _SentBefore:
        return _first(thread_id, client_id, sender)
    return shown


def _sender(
    user: User | None, visitor: Visitor | None, robot: Robot | None
) -> tuple[UUID | None, UUID | None, UUID | None]:
    return user.pk if user else None, visitor.pk if visitor else None, robot.pk if robot else None


def _mention(
    message_id: UUID, numbered: _Numbered, visibility: str, content: str, ids: Iterable[UUID]
) -> list[UUID]:
    """Note whom a user's message mentions, and return them; the many that mention nobody pay nothing."""
    named = mentioned(thread=numbered, visibility=visibility, content=content, ids=ids)
    if named:
        Message.objects.filter(pk=message_id).update(mentions=named)
    return named


def refuse_blocked(visitor_id: UUID) -> None:
    """Raise Problem `visitor_blocked` where a visitor may not write."""
    if Visitor.objects.filter(pk=visitor_id, blocked_at__isnull=False).exists():
        raise Problem("visitor_blocked")


def checked_text(content: str, field: str = "content") -> str:
    """Return the content if it can be a message. Raises Problem `validation_failed`, which names `field`."""
    if not content.strip():
        raise field_error(field, "blank", "Expected a text.")
    if len(content) > LONGEST:
        raise field_error(field, "too_long", f"Expected at most {LONGEST} characters.")
    return content


def preview_of(type: str, content: str) -> str:
    """Return what a thread shows of its last message."""
    in_words = (MessageType.TEXT, MessageType.SYSTEM, MessageType.CARD)
    return content[:200] if type in in_words else f"[{type}]"


def _store(
    where: list[Clause], told: list[Any], message: list[Any]
) -> tuple[_Numbered, dict[str, Any] | None]:
    """Store a message as its thread's next; return the thread now, and the message as the API shows it.

    `told` are the parameters of NUMBER, `message` those of INSERT. No message comes back where its client
    id was there. Raises Problem `not_found`.
    """
    condition = " AND ".join(f"({clause})" for clause, _ in where)
    found = [param for _, params in where for param in params]
    row = fetch_one(_send(condition), [*told, *found, *message, *queries.MESSAGES.own(None)])
    if row is None:
        raise Problem("not_found")
    split = len(row) - len(_Numbered._fields)
    stored = row[split - 1] is not None
    return _Numbered(*row[split:]), queries.MESSAGES.build([row])[0] if stored else None


@lru_cache(100)
def _send(condition: str) -> str:
    """Return SEND for the threads of a condition; the same text is the same object, whose hash is known."""
    shown, tables = queries.MESSAGES.select, queries.MESSAGES.sql["FROM"]
    number = NUMBER.format(condition)
    return SEND.format(number=number, insert=INSERT, mark=MARK, shown=shown, tables=tables)


def _told(
    type: str,
    content: str,
    visibility: str,
    user: User | None,
    visitor: Visitor | None,
    robot: Robot | None,
    created_at: datetime | None,
) -> list[Any]:
    """Return what a thread is told of a message: the parameters of NUMBER."""
    public = visibility == Visibility.PUBLIC
    shown = preview_of(type, content) if public else None  # parent pages show it: a note is not for them
    by_visitor, responds, at = visitor is not None, user is not None and public, created_at
    answers = responds or robot is not None
    return [at, at, shown, by_visitor, at, responds, at, answers, by_visitor, at]


def _first(thread_id: UUID, client_id: str, sender: tuple[UUID | None, ...]) -> dict[str, Any]:
    known = Message.objects.only("id", "user_id", "visitor_id", "robot_id")
    first = known.get(thread_id=thread_id, client_id=client_id)
    if (first.user_id, first.visitor_id, first.robot_id) != sender:
        # Taking it for a resend would lose the message of one of the two.
        detail = "Another sender has used this clientId in the thread."
        errors = [{"field": "clientId", "code": "already_exists", "detail": detail}]
        raise Problem("already_exists", detail, errors=errors)
    return queries.message_shown(first.pk)


def _checked_card(
    card: Mapping[str, Any] | None, type: str, visitor: Visitor | None
) -> dict[str, Any] | None:
    """Return the card as it is stored. Raises Problem `validation_failed`."""
    if card is None and type != MessageType.CARD:
        return None
    if visitor is not None:
        raise field_error("type", "invalid", "Cards are sent by the desk.")
    if card is None:
        raise field_error("card", "required", "A message of the type `card` has a card.")
    if type != MessageType.CARD:
        raise field_error("card", "invalid", "Only a message of the type `card` has one.")
    return cards.checked_card(card)


def _checked(
    content: str,
    type: str,
    visibility: str,
    client_id: str,
    visitor: Visitor | None,
    attachment: UUID | None,
) -> str:
    """Return the content as it is stored. Raises Problem `validation_failed`."""
    if type not in MessageType.values:
        raise field_error("type", "invalid", f"Expected one of {', '.join(MessageType.values)}.")
    if visibility not in Visibility.values:
        raise field_error("visibility", "invalid", f"Expected one of {', '.join(Visibility.values)}.")
    if visitor is not None and visibility != Visibility.PUBLIC:
        raise field_error("visibility", "invalid", "Notes are for the people of the desk.")
    if len(client_id) > 64:
        raise field_error("clientId", "too_long", "Expected at most 64 characters.")
    if attachment is not None:
        if type not in (MessageType.IMAGE, MessageType.FILE):
            raise field_error("type", "invalid", "With an attachment a message is an image or a file.")
        return checked_text(content) if content.strip() else ""
    checked_text(content)
    if visitor is not None and type in (MessageType.IMAGE, MessageType.FILE):
        # An address of the visitor's choice would be fetched by the agents' browsers, with their rights.
        raise field_error("attachment", "required", "Upload the file, and send its id as `attachment`.")
    if type in (MessageType.IMAGE, MessageType.FILE) and not content.startswith(("https://", "http://", "/")):
        raise field_error("content", "invalid", "Expected the http(s) address or path of the file.")
    return content
