"""Every read of conversations: what a caller may see, the lists of threads, messages and visitors, one of
each.
"""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson

from api.database import fetch
from api.errors import Problem
from api.filters import Choice, Clause, Exactly, Id, Moment
from api.ids import id_array
from api.lists import Column, Columns, Expression, FastList
from messaging.files import shown as files
from messaging.filters import (
    Beyond,
    FoundMessage,
    FoundThread,
    FoundVisitor,
    Happened,
    InState,
    Mentioned,
    OneId,
    Participant,
    Tagged,
    Unread,
)
from messaging.models import (
    Message,
    MessageType,
    PageSeen,
    Thread,
    ThreadState,
    ThreadType,
    Visibility,
    Visitor,
)

# The other side of a thread: the visitor, of two people of the desk the one who does not ask, or the group.
OTHER_SIDE = """CASE {{type}} WHEN 'MEMBER' THEN
    CASE WHEN {{agent_id}} = %s THEN {{created_by{0}}} ELSE {{agent{0}}} END
    WHEN 'GROUP' THEN {1} ELSE {{visitor{0}}} END"""
UNREAD = """greatest({last_seq} - coalesce((
    SELECT m.seq FROM messaging_readmark m WHERE m.thread_id = {id} AND m.user_id = %s), 0), 0)"""
PARTICIPANTS = """CASE WHEN {participant_ids} = '{}' THEN '[]' ELSE (
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'uid', u.id, 'nickname', u.nickname,
        'avatar', u.avatar, 'invitedBy', p.invited_by_id) ORDER BY p.id), '[]'::jsonb)
    FROM messaging_threadparticipant p JOIN accounts_user u ON u.id = p.user_id
    WHERE p.thread_id = {id}) END"""
# A conversation's place in its queue; where it never waited, since when it has been there at all.
PLACE = Expression("coalesce({queued_at}, {created_at})")
SENDER = "coalesce({{user{0}}}, {{visitor{0}}}, {{robot{0}}})"
SENDER_TYPE = """CASE WHEN {user_id} IS NOT NULL THEN 'agent' WHEN {robot_id} IS NOT NULL THEN 'robot'
    ELSE 'visitor' END"""


def _person(template: str) -> Columns:
    return {
        "id": Expression(template.format("_id", "{id}")),
        "uid": Expression(template.format("_id", "{id}")),
        "nickname": Expression(template.format("__nickname", "{topic}")),
        "avatar": Expression(template.format("__avatar", "''")),
    }


def _mentioned(found: str | None) -> Any:
    return orjson.Fragment(found) if found else []


MENTIONED = """CASE WHEN {mentions} <> '{}' THEN (
    SELECT jsonb_agg(jsonb_build_object('id', u.id, 'nickname', coalesce(nullif(u.nickname, ''), u.username)))
    FROM accounts_user u WHERE u.id = ANY({mentions})) END"""
TAGS = """
    SELECT tag, count(*) AS amount FROM (
        SELECT * FROM messaging_thread WHERE tags <> '{{}}' ORDER BY updated_at DESC LIMIT 5000
    ) AS messaging_thread, unnest(tags) AS tag
    WHERE {} GROUP BY tag ORDER BY amount DESC, tag LIMIT 200"""


THREADS = FastList(
    model=Thread,
    columns={
        "id": "id",
        "uid": "id",
        "topic": "topic",
        "tags": "tags",
        "summary": "summary",
        "type": "type",
        "state": "state",
        "user": _person(OTHER_SIDE),
        "content": "last_content",
        "unreadCount": Expression(UNREAD),
        "agent": {
            "id": "agent_id",
            "uid": "agent_id",
            "nickname": "agent__nickname",
            "avatar": "agent__avatar",
            "status": "agent__status",
        },
        "team": {"id": "team_id", "name": "team__name"},
        "robot": {
            "id": "robot_id",
            "uid": "robot_id",
            "nickname": "robot__nickname",
            "avatar": "robot__avatar",
        },
        "lastSeq": "last_seq",
        "visitorReadSeq": "visitor_read_seq",
        "participants": Expression(PARTICIPANTS, orjson.Fragment),
        "skills": "skills",
        "queuedAt": "queued_at",
        "waitingSince": "waiting_since",
        "visitorDeliveredSeq": Expression("greatest({visitor_delivered_seq}, {visitor_read_seq})"),
        "pageUrl": "page_url",
        "rating": "rating",
        "ratingComment": "rating_comment",
        "lastMessageAt": "last_message_at",
        "firstResponseAt": "first_response_at",
        "closedAt": "closed_at",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
    },
    filters={
        "type": Choice("type", {type: type for type in ThreadType.values}),
        "state": InState("state", {state: state for state in ThreadState.values}),
        "agent": Id("agent_id", me=True),
        "team": Id("team_id"),
        "visitor": Id("visitor_id"),
        "unread": Unread("last_seq"),
        "participant": Participant("id", me=True),
        "waiting": Happened("waiting_since"),
        "tags": Tagged("tags"),
        "q": FoundThread(),
        "created_after": Moment("created_at", ">="),
        "created_before": Moment("created_at", "<"),
        "updated_after": Moment("updated_at", ">="),
        "updated_before": Moment("updated_at", "<"),
    },
    orderings={"updatedAt": "updated_at", "createdAt": "created_at", "queuedAt": PLACE},
    default="-updatedAt",
)
MESSAGES = FastList(
    model=Message,
    columns={
        "id": "id",
        "uid": "id",
        "thread": "thread_id",
        "threadUid": "thread_id",
        "seq": "seq",
        "clientId": "client_id",
        "type": "type",
        "content": "content",
        "mentions": Expression(MENTIONED, _mentioned),
        "visibility": "visibility",
        "suggestions": "suggestions",
        "user": {**_person(SENDER), "type": Expression(SENDER_TYPE)},
        "attachment": files.columns("attachment__"),
        "card": Column("card", lambda text: text and orjson.Fragment(text)),
        "createdAt": "created_at",
        "editedAt": "edited_at",
        "recalledAt": "recalled_at",
    },
    filters={
        "thread": Id("thread_id"),
        "team": Id("thread__team_id"),
        "type": Choice("type", {type: type for type in MessageType.values}),
        "visibility": Choice("visibility", {each: each for each in Visibility.values}),
        "created_after": Moment("created_at", ">="),
        "created_before": Moment("created_at", "<"),
        "mentions": Mentioned("mentions", me=True),
        "q": FoundMessage(),
    },
    orderings={"createdAt": "created_at"},
)
# Of one thread: by seq, which has no gaps, so that `after=<seq>` gives exactly what a client has missed.
MESSAGES_OF_THREAD = replace(
    MESSAGES,
    filters={**MESSAGES.filters, "thread": OneId("thread_id"), "after": Beyond("seq")},
    orderings={"seq": "seq"},
    default="seq",
    ties=False,  # else a page of 10 would read and sort 33 rows of a long thread
)
VISITORS = FastList(
    model=Visitor,
    columns={
        "id": "id",
        "uid": "id",
        "externalId": "external_id",
        "nickname": "nickname",
        "email": "email",
        "phone": "phone",
        "avatar": "avatar",
        "language": "language",
        "customFields": Column("custom_fields", orjson.Fragment),
        "device": Column("device", orjson.Fragment),
        "verifiedAt": "verified_at",
        "seenAt": "seen_at",
        "blockedAt": "blocked_at",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
    },
    filters={
        "externalId": Exactly("external_id"),
        "email": Exactly("email"),
        "blocked": Happened("blocked_at"),
        "q": FoundVisitor(),
        "created_after": Moment("created_at", ">="),
        "created_before": Moment("created_at", "<"),
    },
)
PAGES = FastList(
    model=PageSeen,
    columns={"id": "id", "url": "url", "title": "title", "at": "at"},
    orderings={"at": "at"},
    default="-at",
)
SHOWN: Clause = ('"messaging_thread"."hidden_at" IS NULL', [])
NO_TICKETS: Clause = ('"messaging_thread"."type" <> \'TICKET\'', [])
# What colleagues say to each other (AMONG_COLLEAGUES) is hidden from every role. A condition that rows are
# held against while an index gives them in order: its first part is true of nearly all.
NOT_OF_OTHERS = (
    "\"messaging_thread\".\"type\" NOT IN ('MEMBER', 'GROUP')"
    ' OR %s = ANY("messaging_thread"."participant_ids")'
    ' OR "messaging_thread"."agent_id" = %s'
    ' OR ("messaging_thread"."created_by_id" = %s AND "messaging_thread"."type" = \'MEMBER\')'
)


def visible_to(caller: Any) -> list[Clause]:
    """Return what narrows threads, and messages joined to them, to those a caller may see.

    An agent sees what no team owns, what its teams own, and its own: as the thread's agent, as who began it,
    or as who was invited into it. What two people say to each other is theirs alone, what a group says its
    members', whoever began it; a ticket's thread follows the ticket's team and assignee alone.
    services.heard_by says the same of events.
    """
    if caller.sees_all:
        return [SHOWN, (NOT_OF_OTHERS, [caller.user_id] * 3)]
    mine = '"messaging_thread"."team_id" = ANY(%s::uuid[])'
    if caller.limited:
        return [SHOWN, (mine, [id_array(caller.team_ids)])]
    others = (
        f'{mine} OR "messaging_thread"."agent_id" = %s'
        ' OR %s = ANY("messaging_thread"."participant_ids")'
        ' OR ("messaging_thread"."created_by_id" = %s'
        " AND \"messaging_thread\".\"type\" NOT IN ('TICKET', 'GROUP'))"
        ' OR ("messaging_thread"."team_id" IS NULL'
        " AND \"messaging_thread\".\"type\" NOT IN ('MEMBER', 'GROUP'))"
    )
    return [SHOWN, (others, [id_array(caller.team_ids), *[caller.user_id] * 3])]


def tags(caller: Any) -> list[dict[str, Any]]:
    """Return the tags of the conversations that a caller sees, those on most of them first.

    Counted over the newest with tags, whoever sees these, so that the cost has a bound.
    """
    condition, params = _together([*visible_to(caller), NO_TICKETS])
    sql = TAGS.format(condition)
    return [{"tag": tag, "count": amount} for tag, amount in fetch(sql, params)]


def _together(clauses: Iterable[Clause]) -> Clause:
    clauses = list(clauses)
    return " AND ".join(f"({sql})" for sql, _ in clauses), [each for _, given in clauses for each in given]


def visitors_visible_to(caller: Any) -> list[Clause]:
    """Return what narrows visitors: a token's team limit leaves those who wrote to these teams."""
    if not caller.limited:
        return []
    wrote = (
        'EXISTS (SELECT 1 FROM messaging_thread t WHERE t.visitor_id = "messaging_visitor"."id"'
        " AND t.team_id = ANY(%s::uuid[]))"
    )
    return [(wrote, [id_array(caller.team_ids)])]


def visitor_visible(visitor_id: UUID, visible: Iterable[Clause]) -> bool:
    """Whether there is such a visitor among those that `visible` leaves."""
    return VISITORS.one(('"messaging_visitor"."id" = %s', [visitor_id]), *visible) is not None


def messages_in(thread_text: str, caller: Any) -> Clause | None:
    """Return the SQL of how many messages a thread has: its last seq, since there are no gaps.

    None where the text is no id: the list itself refuses that.
    """
    try:
        thread_id = UUID(thread_text)
    except ValueError:
        return None
    condition, params = _together([('"messaging_thread"."id" = %s', [thread_id]), *visible_to(caller)])
    # Counting 10,001 of 100,000 messages would cost a hundred times what their page costs.
    return f"SELECT messaging_thread.last_seq FROM messaging_thread WHERE {condition}", params


def thread(thread_id: UUID, caller: Any) -> dict[str, Any]:
    """Return one thread as the caller sees it. Raises Problem `not_found` where it may not know of it."""
    return _found(
        THREADS.one(('"messaging_thread"."id" = %s', [thread_id]), *visible_to(caller), caller=caller)
    )


def thread_shown(thread_id: UUID, caller: Any = None) -> dict[str, Any]:
    """Return one thread whoever may see it: for events, and for who has just given it away."""
    return _found(THREADS.one(('"messaging_thread"."id" = %s', [thread_id]), caller=caller))


def message(message_id: UUID, caller: Any) -> dict[str, Any]:
    """Return one message. Raises Problem `not_found` where the caller may not know of it."""
    return _found(MESSAGES.one(('"messaging_message"."id" = %s', [message_id]), *visible_to(caller)))


def message_shown(message_id: UUID) -> dict[str, Any]:
    """Return one message whoever may see it: for its event and for its sender."""
    return _found(MESSAGES.one(('"messaging_message"."id" = %s', [message_id])))


def visitor(visitor_id: UUID, caller: Any) -> dict[str, Any]:
    """Return one visitor. Raises Problem `not_found` where the caller may not know of it."""
    return _found(VISITORS.one(('"messaging_visitor"."id" = %s', [visitor_id]), *visitors_visible_to(caller)))


def etag(shown: dict[str, Any]) -> str:
    """Return the ETag of an object that has `updatedAt`."""
    return f'"{int(shown["updatedAt"].timestamp() * 1_000_000):x}"'


def thread_etag(shown: dict[str, Any]) -> str:
    """Return the ETag of a thread: of what is written about it, so that a message in between is no
    conflict.
    """
    written = orjson.dumps([shown["topic"], shown["tags"], shown["summary"]])
    return f'"{blake2b(written, digest_size=8).hexdigest()}"'


def message_etag(shown: dict[str, Any]) -> str:
    """Return the ETag of a message: when it was written, edited or recalled last."""
    last = shown["recalledAt"] or shown["editedAt"] or shown["createdAt"]
    return f'"{int(last.timestamp() * 1_000_000):x}"'


def _found(shown: dict[str, Any] | None) -> dict[str, Any]:
    if shown is None:
        raise Problem("not_found")
    return shown
