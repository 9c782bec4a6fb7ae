"""What the operations of conversations take and give."""

from api.schema import (
    ANY,
    EXAMPLES,
    FLAG,
    TEXT,
    UUID,
    WHOLE,
    Operation,
    Shape,
    a_list,
    an_object,
    describe,
    or_null,
    shown,
)
from messaging import replies_schema, robots_schema, views
from messaging.attachments_schema import CARD, attachment
from messaging.chat import schema as chat  # noqa: F401 - describes the visitor's side
from messaging.queries import MESSAGES, PAGES, THREADS, VISITORS
from messaging.serializers import (
    InviteInput,
    MessageChange,
    MessageInput,
    Nothing,
    ReadInput,
    ThreadChange,
    ThreadInput,
    TransferInput,
    TypingInput,
    VisitorChange,
)

# Imported, these declare the operations of canned replies and of robots.
__all__ = ["MESSAGE", "THREAD", "VISITOR", "replies_schema", "robots_schema"]
PERSON = {"id": UUID, "uid": UUID, "nickname": TEXT, "avatar": TEXT}
THREAD = Shape(
    "Thread",
    lambda: shown(
        THREADS,
        {
            "user": or_null(an_object(PERSON)),
            "unreadCount": WHOLE,
            "visitorDeliveredSeq": WHOLE,
            "participants": a_list(an_object(PERSON | {"invitedBy": or_null(UUID)})),
        },
    ),
)
QUEUE = Shape(
    "Queue",
    lambda: an_object(
        {
            "team": or_null(an_object({"id": UUID, "name": TEXT})),
            "waiting": WHOLE,
            "longestWaitSeconds": WHOLE,
            "available": WHOLE,
            "estimateSeconds": or_null(WHOLE),
        }
    ),
)
SENDER = PERSON | {"type": TEXT | {"enum": ["agent", "visitor", "robot"]}}
MENTION = {"id": UUID, "nickname": TEXT}
MESSAGE = Shape(
    "Message",
    lambda: shown(
        MESSAGES,
        {
            "user": or_null(an_object(SENDER)),
            "mentions": a_list(an_object(MENTION)),
            "attachment": or_null(attachment()),
            "card": or_null(CARD),
        },
    ),
)
VISITOR = Shape("Visitor", lambda: shown(VISITORS, {"customFields": ANY, "device": ANY}))

UNREAD = TEXT | {"enum": ["true", "false"], "description": "Whether there is something new for the caller."}
WAITING = TEXT | {"enum": ["true", "false"], "description": "Whether a visitor waits for an answer."}

describe(
    views.MessageList,
    get=Operation(
        "List messages: of one thread by seq, else the newest",
        MESSAGE,
        many=True,
        listing=MESSAGES,
        query={
            "after": WHOLE | {"description": "With one `thread`: the messages after this seq."},
        },
    ),
)
describe(
    views.MessageSend,
    post=Operation(
        "Send a message",
        MESSAGE,
        body=MessageInput,
        example={
            "thread": EXAMPLES["thread"],
            "content": "It is on its way.",
            "type": "text",
            "clientId": "a3f1c2",
        },
    ),
)
edit = Operation(
    "Edit a message of one's own",
    MESSAGE,
    body=MessageChange,
    example={"content": "It arrives tomorrow."},
    etag=True,
)
describe(views.OneMessage, get=Operation("Read a message", MESSAGE, etag=True), put=edit, patch=edit)
describe(
    views.MessageRecall,
    post=Operation("Take a message back", MESSAGE, body=Nothing, example={}, etag=True),
)
describe(
    views.ThreadList,
    get=Operation(
        "List conversations",
        THREAD,
        many=True,
        listing=THREADS,
        query={"unread": UNREAD, "waiting": WAITING},
    ),
)
describe(
    views.ThreadCreate,
    post=Operation(
        "Begin a conversation",
        THREAD,
        body=ThreadInput,
        example={
            "type": "AGENT",
            "visitor": {"externalId": "customer-17", "nickname": "Ann", "email": "ann@example.com"},
            "topic": "Delivery",
        },
    ),
)
say = Operation(
    "Change the fields that are sent",
    THREAD,
    body=ThreadChange,
    example={"topic": "Delivery", "tags": ["delivery"], "summary": "Sent again by express."},
    etag=True,
)
describe(views.OneThread, get=Operation("Read a conversation", THREAD, etag=True), put=say, patch=say)
describe(
    views.ThreadTags,
    get=Operation(
        "List the tags in use, the most used first", a_list(an_object({"tag": TEXT, "count": WHOLE}))
    ),
)
describe(
    views.ThreadAction,
    post=Operation("Do to a conversation what the address says", THREAD, body=Nothing, example={}),
)
describe(
    views.ThreadTransfer,
    post=Operation(
        "Hand a conversation to an agent, a team, or both",
        THREAD,
        body=TransferInput,
        example={"team": EXAMPLES["team"], "note": "She asks for a refund."},
    ),
)
describe(
    views.ThreadInvite,
    post=Operation(
        "Invite a colleague into a conversation",
        THREAD,
        body=InviteInput,
        example={"agent": EXAMPLES["user"]},
    ),
)
describe(
    views.ThreadRemove,
    post=Operation(
        "End the invitation of a colleague",
        THREAD,
        body=InviteInput,
        example={"agent": EXAMPLES["user"]},
    ),
)
describe(views.Queues, get=Operation("Read how the queues of the teams stand", QUEUE, many=True))
describe(
    views.ThreadRead,
    post=Operation(
        "Mark a conversation read, all or up to a seq", THREAD, body=ReadInput, example={"seq": 1}
    ),
)
BLOCKED = TEXT | {"enum": ["true", "false"], "description": "Whether the visitor is blocked."}
describe(
    views.VisitorList,
    get=Operation("List visitors", VISITOR, many=True, listing=VISITORS, query={"blocked": BLOCKED}),
)
change = Operation(
    "Change the fields that are sent",
    VISITOR,
    body=VisitorChange,
    example={"nickname": "Ann", "phone": "+49 30 123456", "customFields": {"plan": "gold"}},
    etag=True,
)
describe(views.OneVisitor, get=Operation("Read a visitor", VISITOR, etag=True), put=change, patch=change)
describe(
    views.ThreadTyping,
    post=Operation(
        "Say that one is writing",
        an_object({"id": UUID, "typing": FLAG}),
        body=TypingInput,
        example={"typing": True},
    ),
)
describe(
    views.VisitorPages,
    get=Operation(
        "List the pages of the site that a visitor looked at, the newest first",
        Shape("PageSeen", lambda: shown(PAGES)),
        many=True,
        listing=PAGES,
    ),
)
describe(
    views.VisitorAction,
    post=Operation("Block a visitor, or let it write again", VISITOR, body=Nothing, example={}, etag=True),
)
