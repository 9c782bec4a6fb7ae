"""What the operations of files take and give; messaging.schema and chat.schema import it."""

from api.schema import TEXT, WHOLE, Json, Operation, Shape, a_list, an_object, describe, or_null, shown
from messaging import views
from messaging.attachments_queries import ATTACHMENTS

LINK = TEXT | {"description": "A signed path of this desk that works for the next hour at least."}


def attachment() -> Json:
    """Return the schema of an attachment."""
    return shown(ATTACHMENTS, {"url": LINK, "thumbnailUrl": or_null(LINK)})


ATTACHMENT = Shape("Attachment", attachment)
BUTTON = an_object({"label": TEXT, "url": TEXT, "reply": TEXT}, optional=("url", "reply"))
CARD = an_object({"title": TEXT, "text": TEXT, "imageUrl": TEXT, "url": TEXT, "buttons": a_list(BUTTON)})
FORM = an_object({"file": TEXT | {"format": "binary"}})

describe(
    views.AttachmentCreate,
    post=Operation(
        "Send a file in, to be sent with a message", ATTACHMENT, body=FORM, takes="multipart/form-data"
    ),
)
describe(
    views.AttachmentLimits,
    get=Operation(
        "Read what may be sent in",
        an_object({"types": a_list(TEXT), "bytes": WHOLE | {"description": "How large a file may be."}}),
    ),
)
describe(views.OneAttachment, get=Operation("Read an attachment, with links that work now", ATTACHMENT))
