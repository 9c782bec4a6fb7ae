"""What the operations of tickets take and give."""

from api.schema import (
    ANY,
    DELETED,
    EXAMPLES,
    MOMENT,
    TEXT,
    UUID,
    Operation,
    Shape,
    a_list,
    describe,
    or_null,
    shown,
)
from events.schema import EVENT
from messaging.queries import MESSAGES_OF_THREAD
from messaging.schema import MESSAGE
from tickets import views
from tickets.fields import LONGEST_CONTENT, LONGEST_TAG, LONGEST_TITLE, MOST_TAGS
from tickets.models import Status
from tickets.queries import PRIORITIES, TICKETS

PRIORITY = TEXT | {"enum": list(PRIORITIES)}
REFERENCE = {
    "oneOf": [UUID, ANY, {"type": "null"}],
    "description": "An id, null, or the object as it is shown.",
}
TICKET = Shape("Ticket", lambda: shown(TICKETS, {"priority": PRIORITY, "customFields": ANY}))
FIELDS = {
    "title": TEXT | {"minLength": 1, "maxLength": LONGEST_TITLE},
    "content": TEXT | {"maxLength": LONGEST_CONTENT, "description": "The description; replies are messages."},
    "priority": PRIORITY,
    "status": TEXT | {"enum": list(Status.values)},
    "type": TEXT | {"maxLength": 40},
    "tags": a_list(TEXT | {"maxLength": LONGEST_TAG}) | {"maxItems": MOST_TAGS},
    "requester": REFERENCE | {"description": "An id, null, or {nickname, email} of somebody who may be new."},
    "assignee": {"oneOf": [TEXT, ANY, {"type": "null"}], "description": "An id, `me`, null, or the object."},
    "team": REFERENCE,
    "customFields": ANY,
    "dueAt": or_null(MOMENT),
}
ORIGIN = or_null(UUID) | {"description": "The conversation a ticket is made from; it gives what is not said."}
WRITTEN = {"type": "object", "properties": FIELDS}
MADE = {
    "type": "object",
    "properties": FIELDS | {"originThread": ORIGIN},
    "anyOf": [{"required": ["title"]}, {"required": ["originThread"]}],
}

describe(views.TicketList, get=Operation("List tickets", TICKET, many=True, listing=TICKETS))
describe(
    views.TicketCreate,
    post=Operation(
        "Create a ticket",
        TICKET,
        body=MADE,
        example={
            "title": "Parcel has not arrived",
            "content": "It was announced for Monday.",
            "priority": "high",
            "tags": ["delivery"],
            "requester": {"nickname": "Ann", "email": "ann@example.com"},
            "assignee": "me",
            "team": EXAMPLES["team"],
            "customFields": {"order": 4711},
            "dueAt": "2027-01-31T17:00:00Z",
        },
        etag=True,
    ),
)
change = Operation(
    "Change the fields that are sent",
    TICKET,
    body=WRITTEN,
    example={"status": "pending", "priority": "urgent"},
    etag=True,
)
describe(
    views.TicketDetail,
    get=Operation("Read a ticket", TICKET, etag=True),
    put=change,
    patch=change,
    delete=Operation("Move a ticket to the bin", DELETED, etag=True),
)
describe(views.TicketRestore, post=Operation("Take a ticket out of the bin", TICKET, etag=True))
describe(
    views.TicketMessages,
    get=Operation("List the messages of a ticket, by seq", MESSAGE, many=True, listing=MESSAGES_OF_THREAD),
)
describe(
    views.TicketHistory,
    get=Operation("What happened to a ticket, newest first", EVENT, many=True, query={"cursor": TEXT}),
)
