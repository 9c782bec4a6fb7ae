"""Every write of tickets: each records its event in the transaction of the change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.audiences import lost_audience, work_audience
from api.errors import Problem
from api.ids import new_id
from api.rendering import dumps
from events.services import record
from messaging.models import LeftMessage, Thread
from messaging.services import hide_thread
from tickets import origins, people
from tickets.models import Priority, Status, Ticket
from tickets.queries import PRIORITIES, TICKETS, ticket, visible_to

BIN_KEPT = timedelta(days=30)
DONE = frozenset({Status.RESOLVED, Status.CLOSED})
COLUMNS = {"customFields": "custom_fields", "dueAt": "due_at"} | {
    name: f"{name}_id" for name in ("requester", "assignee", "team")
}
# What a ticket's thread takes over, and its columns there.
FOLLOWED = {"title": "topic", "requester": "visitor_id", "assignee": "agent_id", "team": "team_id"}
SILENT = frozenset({"content"})  # too long for an event: only that it changed is said


class _Desk(NamedTuple):
    """The caller of what nobody asked for: the desk itself."""

    user: None = None
    user_id: None = None
    token_id: None = None


DESK = _Desk()


@cache
def _create() -> str:
    """Return the statement that makes a ticket and its thread and answers in the shape of the list.

    Within it the new row goes by the table's own name, so that the one mapping of queries.TICKETS serves
    here too."""
    return f"""
    WITH thread AS (
        INSERT INTO messaging_thread (id, type, state, topic, visitor_id, created_by_id, agent_id, team_id,
                                      last_seq,
                                      last_content, first_visitor_at)
        VALUES (%s, 'TICKET', 'open', %s, %s, %s, %s, %s, 0, '', now())
    ), tickets_ticket AS (
        INSERT INTO tickets_ticket (id, title, content, status, priority, type, tags, requester_id,
        assignee_id, team_id, thread_id, origin_thread_id, left_message_id, created_by_id, custom_fields,
                                    due_at, first_response_at, resolved_at, closed_at, version)
        VALUES (%s, %s, %s, %s, %s, %s, %s::varchar[], %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s,
                1)
        RETURNING *
    ) SELECT {TICKETS.select}, NULL, NULL FROM {TICKETS.sql["FROM"]}"""


@contextmanager
def _together() -> Iterator[None]:
    """One transaction. Raises Problem `invalid_state` when somebody it names was deleted before its end."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Problem("invalid_state", "Somebody or a team named here was deleted just now.") from None


def create_ticket(*, caller: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Create a ticket from checked values (fields.read) and return it as the API shows it.

    Without a requester the caller asks for itself; made from a conversation (`originThread`), its visitor
    asks, its team works on it, and a note there says so. A ticket that is refused leaves no new requester
    behind. Raises Problem `validation_failed`, `role_not_permitted` or `insufficient_scope`."""
    with _together():
        origin = origins.locked_origin(values["originThread"], caller) if values.get("originThread") else None
        made = _insert(caller, _named(values, caller, origin))
        if origin:
            origins.tell_conversation(origin, made)
    return made


def create_ticket_of_left_message(*, message_id: UUID) -> dict[str, Any] | None:
    """Make the ticket of a message that a visitor left, and return it as the API shows it.

    None where there is one already, or where the message is gone. Nobody of the desk is its maker."""
    with _together():
        values = origins.values_of(message_id)
        return _insert(DESK, values) if values else None


def _insert(caller: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Write a ticket and its thread and event; people and teams are ids that were judged before."""
    with connection.cursor() as cursor:
        cursor.execute(_create(), _new_rows(caller, values))
        made = TICKETS.build([cursor.fetchone()])[0]
    _record("ticket.created", made, caller)
    return made


def _named(values: dict[str, Any], caller: Any, origin: Thread | None) -> dict[str, Any]:
    """Return the values with whom they name as ids, and with what the conversation gives that nobody said."""
    given: dict[str, Any] = origins.given_by(origin) if origin else {}
    if "title" in values:
        given["title"] = values["title"]
    if "requester" in values:
        given["requester"] = people.requester_id(values["requester"], caller)
    elif not given.get("requester"):
        given["requester"] = people.own_visitor(caller)
    if "team" in values:
        given["team"] = people.team_id(values["team"], caller)
    elif not given.get("team"):
        given["team"] = people.first_team(caller)
    given["assignee"] = people.assignee_id(values.get("assignee"), caller)
    return values | given


def _new_rows(caller: Any, values: dict[str, Any]) -> list[Any]:
    """Return the parameters of _create(): the new thread's, then the new ticket's."""
    requester, assignee, team = values["requester"], values.get("assignee"), values.get("team")
    status = values.get("status", Status.OPEN)
    reached = _reached(status, None, timezone.now())
    ticket_id, thread_id = new_id(), new_id()
    thread = [thread_id, values["title"], requester, caller.user_id, assignee, team]
    row = [
        ticket_id,
        values["title"],
        values.get("content", ""),
        status,
        values.get("priority", Priority.MEDIUM),
        values.get("type", ""),
        values.get("tags", []),
        requester,
        assignee,
        team,
        thread_id,
        values.get("originThread"),
        values.get("leftMessage"),
        caller.user_id,
        dumps(values.get("customFields", {})).decode(),
        values.get("dueAt"),
        *(reached.get(name) for name in ("first_response_at", "resolved_at", "closed_at")),
    ]
    return thread + row


def update_ticket(
    *,
    caller: Any,
    ticket_id: UUID,
    values: dict[str, Any],
    check: Callable[[dict[str, Any]], None] = lambda current: None,
) -> dict[str, Any]:
    """Change the given fields of a ticket the caller sees and return it whole; without a difference nothing
    is written. Who sees it no more hears only that it is gone.

    `check` gets the current object under the row's lock and may refuse (If-Match). Raises Problem
    `not_found`, `validation_failed`, `role_not_permitted`, and what `check` raises.
    """
    with _together():
        before = _locked(caller, ticket_id, with_thread=not FOLLOWED.keys().isdisjoint(values))
        check(before)
        new = _differences(before, values, caller)
        if not new:
            return before
        changes = {
            name: [] if name in SILENT else [_plain(before[name]), _shown(name, value)]
            for name, value in new.items()
        }
        columns = {COLUMNS.get(name, name): value for name, value in new.items()}
        if "status" in new:
            columns |= _reached(new["status"], before, timezone.now())
        _write(ticket_id, columns)
        _follow(before, columns)
        after = TICKETS.one(('"tickets_ticket"."id" = %s', [ticket_id]))
        assert after is not None  # locked above
        for name in ("requester", "assignee", "team"):
            if name in changes:
                changes[name] = [before[name], after[name]]
        _record_moved_away(before, after, caller)
        _record("ticket.updated", after, caller, changes=changes)
    return after


def delete_ticket(
    *, caller: Any, ticket_id: UUID, check: Callable[[dict[str, Any]], None] = lambda current: None
) -> None:
    """Move a ticket the caller sees to the bin, from where an admin can restore it for 30 days. Raises
    Problem `not_found`, and what `check` raises."""
    with transaction.atomic():
        before = _locked(caller, ticket_id, with_thread=True)
        check(before)
        _write(ticket_id, {"deleted_at": timezone.now()})
        hide_thread(thread_id=before["thread"], hidden=True)
        _record("ticket.deleted", before, caller)


def restore_ticket(*, caller: Any, ticket_id: UUID) -> dict[str, Any]:
    """Take a ticket out of the bin again and return it. Raises Problem `role_not_permitted` or
    `not_found`."""
    if not caller.is_admin:
        raise Problem("role_not_permitted", "Only admins restore tickets from the bin.")
    with transaction.atomic():
        _lock(ticket_id, with_thread=True)
        in_bin = Ticket.objects.filter(pk=ticket_id, deleted_at__isnull=False)
        found = in_bin.values_list("thread_id").first()
        if not found:
            raise Problem("not_found")
        _write(ticket_id, {"deleted_at": None})
        hide_thread(thread_id=found[0], hidden=False)
        restored = ticket(ticket_id, caller)
        if restored is None:  # of a team outside the token's limit
            raise Problem("not_found")
        _record("ticket.restored", restored, caller)
    return restored


def empty_bin(*, older_than: timedelta = BIN_KEPT, at_once: int = 1000) -> int:
    """Delete for good what has lain in the bin for longer, threads and messages too; return how many
    tickets."""
    total = 0
    while True:
        with transaction.atomic():
            old = Ticket.objects.filter(deleted_at__lt=timezone.now() - older_than).select_for_update()
            found = list(old.values_list("pk", "thread_id", "left_message_id")[:at_once])
            Ticket.objects.filter(pk__in=[pk for pk, *_ in found]).delete()
            Thread.objects.filter(pk__in=[thread for _, thread, _ in found if thread]).delete()
            LeftMessage.objects.filter(pk__in=[left for *_, left in found if left]).delete()
        total += len(found)
        if len(found) < at_once:
            return total


def _locked(caller: Any, ticket_id: UUID, *, with_thread: bool = False) -> dict[str, Any]:
    """Lock a ticket the caller sees and return it as it now is: whoever comes second sees the first one's
    change. Raises Problem `not_found`."""
    _lock(ticket_id, with_thread=with_thread)
    found = TICKETS.one(('"tickets_ticket"."id" = %s', [ticket_id]), *visible_to(caller))
    if found is None:
        raise Problem("not_found")
    return found


def _lock(ticket_id: UUID, *, with_thread: bool) -> None:
    """Lock a ticket's row. The thread, where it will be written too, is locked first: as a first answer does,
    whose trigger then writes the ticket (migration 0002).
    """
    with connection.cursor() as cursor:
        if with_thread:
            of_ticket = "SELECT thread_id FROM tickets_ticket WHERE id = %s"
            cursor.execute(
                f"SELECT 1 FROM messaging_thread WHERE id = ({of_ticket}) FOR NO KEY UPDATE", [ticket_id]
            )
        cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR NO KEY UPDATE", [ticket_id])


def _differences(before: dict[str, Any], values: dict[str, Any], caller: Any) -> dict[str, Any]:
    """Return what really changes, people and teams resolved. What stays is not judged: whole objects come
    back."""
    new = {}
    for name, value in values.items():
        if name == "requester":
            if value != _id(before[name]):
                value = people.requester_id(value, caller)
            if value != _id(before[name]):
                new[name] = value
        elif name in ("assignee", "team"):
            if value != _id(before[name]):
                value = (
                    people.assignee_id(value, caller) if name == "assignee" else people.team_id(value, caller)
                )
            if value != _id(before[name]):
                new[name] = value
        elif _shown(name, value) != _plain(before[name]):
            new[name] = value
    return new


def _write(ticket_id: UUID, columns: dict[str, Any]) -> None:
    """Update a locked row; each write is a new version."""
    if "custom_fields" in columns:
        columns = columns | {"custom_fields": dumps(columns["custom_fields"]).decode()}
    sets = "".join(f"{name} = %s{CASTS.get(name, '')}, " for name in columns)
    sets += "version = version + 1, updated_at = clock_timestamp()"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE tickets_ticket SET {sets} WHERE id = %s", [*columns.values(), ticket_id])


CASTS = {"custom_fields": "::jsonb", "tags": "::varchar[]", "deleted_at": "::timestamptz"}


def _follow(before: dict[str, Any], columns: dict[str, Any]) -> None:
    """Let the ticket's thread belong to whom the ticket belongs: messaging decides by the thread who sees
    it."""
    thread = {
        theirs: columns[ours]
        for name, theirs in FOLLOWED.items()
        if (ours := COLUMNS.get(name, name)) in columns
    }
    if thread and before["thread"]:
        Thread.objects.filter(pk=before["thread"]).update(**thread)


def _reached(status: str, before: dict[str, Any] | None, now: datetime) -> dict[str, datetime | None]:
    """Return the times that a status sets: solving counts as the first response where there was none,
    closing as solving; opening again takes both back."""
    before = before or {"firstResponseAt": None, "resolvedAt": None}
    if status not in DONE:
        return {"resolved_at": None, "closed_at": None}
    return {
        "first_response_at": before["firstResponseAt"] or now,
        "resolved_at": before["resolvedAt"] or now,
        "closed_at": now if status == Status.CLOSED else None,
    }


def _record(type: str, shown: dict[str, Any], caller: Any, **more: Any) -> None:
    record(
        type,
        object_id=shown["id"],
        audience=_heard_by(shown),
        actor=caller.user,
        token_id=caller.token_id,
        data={name: value for name, value in shown.items() if name not in SILENT} | more,
    )


def _record_moved_away(before: dict[str, Any], after: dict[str, Any], caller: Any) -> None:
    """Tell those who see a ticket no more that it is gone, and no more; before the event of its change."""
    if lost := lost_audience(_heard_by(before), _heard_by(after)):
        record(
            "ticket.moved_away",
            object_id=after["id"],
            audience=lost,
            actor=caller.user,
            token_id=caller.token_id,
            data={"id": after["id"], "number": after["number"]},
        )


def _heard_by(shown: dict[str, Any]) -> list[str]:
    return work_audience("tickets", teams=[_id(shown["team"])], users=[_id(shown["assignee"])])


def _id(shown: dict[str, Any] | None) -> UUID | None:
    return shown["id"] if shown else None


def _shown(name: str, value: Any) -> Any:
    """Return a checked value as the API shows it."""
    return (
        next(word for word, number in PRIORITIES.items() if number == value) if name == "priority" else value
    )


def _plain(value: Any) -> Any:
    """Return what the list shows as a value one can compare: JSON that was passed through is read."""
    return orjson.loads(orjson.dumps(value)) if isinstance(value, orjson.Fragment) else value
