"""What the operations of the changes feed take and give."""

from api.schema import ANY, MOMENT, TEXT, UUID, WHOLE, Operation, Shape, an_object, describe, or_null
from events import views

EVENT = Shape(
    "Event",
    lambda: an_object(
        {
            "id": TEXT | {"description": "The place in commit order; give it as `after` to go on from here."},
            "type": TEXT | {"description": "What happened, such as `ticket.created`."},
            "createdAt": MOMENT,
            "objectId": TEXT,
            "actor": or_null(an_object({"id": UUID, "username": TEXT})),
            "data": ANY,
        }
    ),
)
AFTER = TEXT | {"description": "The id of the last event that is known; `now` for what comes next."}

describe(
    views.EventList,
    get=Operation(
        "List events, oldest first",
        EVENT,
        many=True,
        query={
            "after": AFTER,
            "limit": WHOLE | {"minimum": 1, "maximum": 200, "default": 50},
            "wait": WHOLE
            | {"minimum": 0, "maximum": 25, "description": "Seconds to wait for something new."},
        },
    ),
)
describe(
    views.EventStream,
    get=Operation(
        "The same events as Server-Sent Events", TEXT, query={"after": AFTER}, media="text/event-stream"
    ),
)
