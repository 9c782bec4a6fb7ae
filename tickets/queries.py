"""Every read of tickets: what a caller may see, the list, one ticket."""

from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from api.filters import Choice, Clause, Exactly, Has, Id, Moment, Number
from api.ids import id_array
from api.lists import Column, FastList
from events.queries import shown
from tickets.models import Priority, Status, Ticket
from tickets.search import TicketSearch

PRIORITIES = {priority.name.lower(): int(priority) for priority in Priority}
PRIORITY_NAMES = {number: name for name, number in PRIORITIES.items()}
PERSON = {"id": "", "uid": "", "nickname": "nickname", "email": "email", "avatar": "avatar"}


def person(path: str) -> dict[str, str]:
    """Return the columns of somebody a row points to by `path`."""
    return {name: f"{path}__{column}" if column else f"{path}_id" for name, column in PERSON.items()}


TICKETS = FastList(
    model=Ticket,
    columns={
        "id": "id",
        "uid": "id",
        "number": "number",
        "title": "title",
        "content": "content",
        "status": "status",
        "priority": Column("priority", PRIORITY_NAMES.__getitem__),
        "type": "type",
        "tags": "tags",
        "requester": person("requester"),
        "assignee": person("assignee") | {"username": "assignee__username"},
        "team": {"id": "team_id", "name": "team__name"},
        "thread": "thread_id",
        "originThread": "origin_thread_id",
        "customFields": Column("custom_fields", orjson.Fragment),
        "dueAt": "due_at",
        "firstResponseAt": "first_response_at",
        "resolvedAt": "resolved_at",
        "closedAt": "closed_at",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
        "version": "version",
    },
    filters={
        "q": TicketSearch(),
        "status": Choice("status", {status: status for status in Status.values}),
        "priority": Choice("priority", PRIORITIES),
        "type": Exactly("type"),
        "tags": Has("tags"),
        "number": Number("number"),
        "requester": Id("requester_id"),
        "assignee": Id("assignee_id", me=True),
        "team": Id("team_id"),
        "originThread": Id("origin_thread_id"),
        "created_after": Moment("created_at", ">="),
        "created_before": Moment("created_at", "<"),
        "updated_after": Moment("updated_at", ">="),
        "updated_before": Moment("updated_at", "<"),
    },
    orderings={
        "createdAt": "created_at",
        "updatedAt": "updated_at",
        "priority": "priority",
        "number": "number",
    },
)
ALIVE: Clause = ('"tickets_ticket"."deleted_at" IS NULL', [])


NOBODY = UUID(int=0)  # how the kept counts write "no team" and "whoever is assigned"
HISTORY = """
    SELECT transaction::text, id, type, at, object_id, actor_id, actor_name, data, audience FROM events_event
    WHERE object_id = %s AND object_type = 'ticket' AND type <> 'ticket.moved_away' AND id < %s
    ORDER BY id DESC LIMIT %s"""


def visible_to(caller: Any) -> list[Clause]:
    """Return what narrows tickets to those a caller may see (accounts.audiences says the same of events)."""
    if caller.sees_all:
        return [ALIVE]
    mine = '"tickets_ticket"."team_id" = ANY(%s::uuid[])'
    if caller.limited:
        return [ALIVE, (mine, [id_array(caller.team_ids)])]
    others = f'{mine} OR "tickets_ticket"."team_id" IS NULL OR "tickets_ticket"."assignee_id" = %s'
    return [ALIVE, (others, [id_array(caller.team_ids), caller.user_id])]


def total_for(caller: Any) -> Clause:
    """Return the SQL of how many tickets a caller may see, from the kept counts
    (tickets.models.TicketCount): the clause that visible_to() is, counted."""
    total = "SELECT coalesce(sum(amount), 0)::bigint FROM tickets_ticketcount WHERE"
    if caller.sees_all:
        return f"{total} assignee = %s", [NOBODY]
    if caller.limited:
        return f"{total} assignee = %s AND team = ANY(%s::uuid[])", [NOBODY, id_array(caller.team_ids)]
    teams = id_array([*caller.team_ids, NOBODY])
    return (
        f"{total} (assignee = %s AND team = ANY(%s::uuid[])) OR (assignee = %s AND team <> ALL(%s::uuid[]))",
        [NOBODY, teams, caller.user_id, teams],
    )


def history(ticket_id: UUID, caller: Any, before: int, limit: int) -> list[tuple[int, dict[str, Any]]] | None:
    """Return what happened to a ticket, newest first, below the event number `before`, each with its number;
    None where the caller may not know of the ticket."""
    if ticket(ticket_id, caller) is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [str(ticket_id), before, limit])
        return [(row[1], shown(row)) for row in cursor.fetchall()]


def ticket(ticket_id: UUID, caller: Any) -> dict[str, Any] | None:
    """Return one ticket as the API shows it, or None where the caller may not know of it."""
    return TICKETS.one(('"tickets_ticket"."id" = %s', [ticket_id]), *visible_to(caller))
