"""What the operations of canned replies take and give; messaging.schema imports it."""

from api.schema import DELETED, EXAMPLES, TEXT, Operation, Shape, a_list, an_object, describe, shown
from messaging import views
from messaging.attachments_schema import attachment
from messaging.replies_queries import REPLIES, SCOPES
from messaging.serializers import RenderInput, ReplyChange, ReplyInput

SCOPE = TEXT | {"enum": list(SCOPES)}
REPLY = Shape("CannedReply", lambda: shown(REPLIES, {"scope": SCOPE, "attachments": a_list(attachment())}))
RENDERED = Shape(
    "RenderedReply",
    lambda: an_object(
        {
            "content": TEXT
            | {"description": "The text with what the thread, its people and the desk fill in."},
            "attachments": a_list(attachment())
            | {"description": "Send each by its id, as often as you like."},
        }
    ),
)

describe(
    views.ReplyList,
    get=Operation("List canned replies", REPLY, many=True, listing=REPLIES, query={"scope": a_list(SCOPE)}),
)
describe(
    views.ReplyCreate,
    post=Operation(
        "Create a canned reply",
        REPLY,
        body=ReplyInput,
        example={
            "shortcut": "hello",
            "title": "Greeting",
            "content": "Hello {{visitor.nickname}}, this is {{agent.nickname}} of {{desk.name}}.",
            "scope": "team",
            "team": EXAMPLES["team"],
        },
        etag=True,
    ),
)
change = Operation(
    "Change the fields that are sent",
    REPLY,
    body=ReplyChange,
    example={"content": "Goodbye, {{visitor.nickname}}."},
    etag=True,
)
describe(
    views.OneReply,
    get=Operation("Read a canned reply", REPLY, etag=True),
    put=change,
    patch=change,
    delete=Operation("Delete a canned reply", DELETED, etag=True),
)
describe(
    views.ReplyRender,
    post=Operation(
        "Fill a canned reply in for a conversation",
        RENDERED,
        body=RenderInput,
        example={"thread": EXAMPLES["thread"]},
    ),
)
