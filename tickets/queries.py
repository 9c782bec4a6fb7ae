"""Every read of tickets: what a caller may see, the list, one ticket."""

from typing import Any
from uuid import UUID

import orjson

from api.filters import Choice, Clause, Exactly, Has, Id, Moment, Number
from api.lists import Column, FastList
from tickets.models import Priority, Status, Ticket

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
        "status": Choice("status", {status: status for status in Status.values}),
        "priority": Choice("priority", PRIORITIES),
        "type": Exactly("type"),
        "tags": Has("tags"),
        "number": Number("number"),
        "requester": Id("requester_id"),
        "assignee": Id("assignee_id", me=True),
        "team": Id("team_id"),
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


def visible_to(caller: Any) -> list[Clause]:
    """Return what narrows tickets to those a caller may see (accounts.audiences says the same of events)."""
    if caller.sees_all:
        return [ALIVE]
    mine = '"tickets_ticket"."team_id" = ANY(%s::uuid[])'
    if caller.limited:
        return [ALIVE, (mine, [list(caller.team_ids)])]
    others = f'{mine} OR "tickets_ticket"."team_id" IS NULL OR "tickets_ticket"."assignee_id" = %s'
    return [ALIVE, (others, [list(caller.team_ids), caller.user_id])]


def ticket(ticket_id: UUID, caller: Any) -> dict[str, Any] | None:
    """Return one ticket as the API shows it, or None where the caller may not know of it."""
    return TICKETS.one(('"tickets_ticket"."id" = %s', [ticket_id]), *visible_to(caller))
