"""What the operations of the chat take and give. Visitors call them, with their own credential."""

from api.schema import (
    EXAMPLES,
    FLAG,
    MOMENT,
    TEXT,
    UUID,
    WHOLE,
    Operation,
    Shape,
    a_list,
    an_object,
    describe,
    or_null,
)
from messaging.attachments_schema import ATTACHMENT, CARD, FORM, attachment
from messaging.chat import human, uploads, views
from messaging.chat.serializers import (
    DeliveredInput,
    DraftInput,
    HumanInput,
    LeaveInput,
    OpenInput,
    PageInput,
    RateInput,
    SayInput,
    SeqInput,
)
from messaging.models import MessageType, ThreadState
from messaging.serializers import Nothing

PERSON = an_object({"nickname": TEXT, "avatar": TEXT})
THREAD = Shape(
    "ChatThread",
    lambda: an_object(
        {
            "id": UUID,
            "uid": UUID,
            "state": TEXT | {"enum": list(ThreadState.values)},
            "agent": or_null(PERSON),
            "team": or_null(an_object({"name": TEXT})),
            "robot": or_null(PERSON),
            "position": or_null(WHOLE),
            "estimateSeconds": or_null(WHOLE),
            "lastSeq": WHOLE,
            "readSeq": WHOLE,
            "agentReadSeq": WHOLE,
            "rating": or_null(WHOLE),
        }
    ),
)
SENDER = {
    "id": UUID,
    "nickname": TEXT,
    "avatar": TEXT,
    "type": TEXT | {"enum": ["agent", "visitor", "robot"]},
}
MESSAGE = Shape(
    "ChatMessage",
    lambda: an_object(
        {
            "id": UUID,
            "uid": UUID,
            "thread": UUID,
            "seq": WHOLE,
            "clientId": TEXT,
            "type": TEXT | {"enum": list(MessageType.values)},
            "content": TEXT,
            "attachment": or_null(attachment()),
            "card": or_null(CARD),
            "createdAt": MOMENT,
            "editedAt": or_null(MOMENT),
            "recalledAt": or_null(MOMENT),
            "suggestions": a_list(TEXT),
            "user": or_null(an_object(SENDER)),
        }
    ),
)
VISITOR = an_object({"id": UUID, "uid": UUID, "nickname": TEXT, "avatar": TEXT, "verified": FLAG})
FILES = an_object({"types": a_list(TEXT), "bytes": WHOLE | {"description": "How large a file may be."}})
ROBOT = an_object({"nickname": TEXT, "avatar": TEXT, "welcomeText": TEXT, "suggestions": a_list(TEXT)})
DESK = an_object(
    {
        "name": TEXT,
        "logoUrl": TEXT,
        "accentColor": TEXT,
        "welcomeText": TEXT,
        "files": FILES,
        "online": FLAG,
        "opensAt": or_null(MOMENT),
        "closedText": TEXT,
        "robot": or_null(ROBOT),
    }
)
OPENED = Shape(
    "OpenedChat",
    lambda: an_object(
        {"credential": TEXT, "visitor": VISITOR, "thread": or_null(THREAD.build()), "desk": DESK}
    ),
)
LEFT = Shape(
    "LeftMessage",
    lambda: an_object({"id": UUID, "clientId": TEXT, "createdAt": MOMENT, "thread": or_null(THREAD.build())}),
)
OF_KIND = {
    "t": TEXT
    | {"enum": ["0", "1", "2"], "description": "0 with an agent, 1 (default) with a team, 2 with a robot."}
}

describe(
    views.Open,
    post=Operation(
        "Open a chat: become a visitor, or be the same one again",
        OPENED,
        body=OpenInput,
        example={"t": "1", "nickname": "Ann", "page": {"url": "https://shop.example.com/", "title": "Shop"}},
    ),
)
describe(
    views.Messages,
    get=Operation(
        "Read one's conversation by seq",
        MESSAGE,
        many=True,
        query={
            **OF_KIND,
            "after": WHOLE | {"description": "The messages after this seq."},
            "before": WHOLE | {"description": "The last ones before this seq."},
            "limit": WHOLE | {"description": "At most 50."},
        },
    ),
)
describe(
    views.Say,
    post=Operation(
        "Send a message",
        MESSAGE,
        body=SayInput,
        example={"content": "Where is my parcel?", "clientId": "c-1", "t": "1", "sid": EXAMPLES["team"]},
    ),
)
describe(
    uploads.Upload,
    post=Operation(
        "Send a file in, to be sent with a message",
        ATTACHMENT,
        body=FORM,
        takes="multipart/form-data",
        query=OF_KIND,
    ),
)
describe(
    uploads.ChatAttachment,
    get=Operation("Read an attachment, with links that work now", ATTACHMENT, query=OF_KIND),
)
describe(
    views.Leave,
    post=Operation(
        "Leave a message while nobody is there, which becomes a ticket; ends a conversation that waits",
        LEFT,
        body=LeaveInput,
        example={
            "content": "Please call me about order 4711.",
            "nickname": "Ann",
            "email": "ann@example.com",
            "clientId": "l-1",
            "t": "1",
            "sid": EXAMPLES["team"],
        },
    ),
)
describe(
    views.Read,
    post=Operation(
        "Say how far one has read",
        an_object({"id": UUID, "seq": WHOLE}),
        body=SeqInput,
        example={"seq": 1},
        query=OF_KIND,
    ),
)
describe(
    views.Delivered,
    post=Operation(
        "Say how many messages have arrived",
        an_object({"id": UUID, "seq": WHOLE}),
        body=DeliveredInput,
        example={"seq": 1},
        query=OF_KIND,
    ),
)
describe(
    views.Typing,
    post=Operation(
        "Say what one is writing",
        an_object({"id": UUID}),
        body=DraftInput,
        example={"content": "Where is"},
        query=OF_KIND,
    ),
)
describe(
    views.Rate,
    post=Operation(
        "Rate a conversation that is over",
        THREAD,
        body=RateInput,
        example={"score": 5, "comment": "Thank you"},
        query=OF_KIND,
    ),
)
describe(
    views.Close,
    post=Operation("End the conversation", THREAD, body=Nothing, example={}, query=OF_KIND),
)
describe(
    human.Human,
    post=Operation(
        "Ask for a person instead of the robot",
        THREAD,
        body=HumanInput,
        example={},
        query={"t": TEXT | {"enum": ["0", "1", "2"], "description": "2 (default): the robot's chat."}},
    ),
)
describe(
    views.SeePage,
    post=Operation(
        "Say which page one looks at",
        an_object({"id": UUID}),
        body=PageInput,
        example={"url": "https://shop.example.com/returns", "title": "Returns"},
    ),
)
describe(
    views.Live,
    get=Operation(
        "Follow one's conversation as Server-Sent Events", TEXT, query={}, media="text/event-stream"
    ),
)
