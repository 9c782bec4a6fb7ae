"""Every read of attachments: one as a caller or a visitor may see it, and how much somebody sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum

from api.errors import Problem
from api.filters import Clause
from api.lists import FastList
from messaging import queries, replies_queries
from messaging.chat.queries import is_of
from messaging.files import shown
from messaging.models import Attachment, UploadPace, Visitor

ATTACHMENTS = FastList(model=Attachment, columns=shown.columns())
# One statement: an upload that ends meanwhile moves from the second sum to the first.
UNSENT = """
    SELECT ((SELECT coalesce(sum(size), 0) FROM messaging_attachment
             WHERE message_id IS NULL AND reply_id IS NULL AND visitor_id IS NOT NULL)
            + (SELECT coalesce(sum(size), 0) FROM messaging_discardedfile))::bigint"""


def attachment_shown(attachment_id: UUID) -> dict[str, Any]:
    """Return one attachment whoever may see it: for its uploader, and after a check. Raises `not_found`."""
    found = ATTACHMENTS.one(('"messaging_attachment"."id" = %s', [attachment_id]))
    if found is None:
        raise Problem("not_found")
    return found


def attachment(attachment_id: UUID, caller: Any) -> dict[str, Any]:
    """Return an attachment as a caller of the desk sees it: with its message, with its canned reply, or
    because it is its own and not sent yet. Raises Problem `not_found`.
    """
    found = _found(attachment_id)
    if found.message_id:
        queries.message(found.message_id, caller)
    elif found.reply_id:
        replies_queries.reply(found.reply_id, caller)
    elif found.user_id != caller.user_id:
        raise Problem("not_found")
    return attachment_shown(attachment_id)


def visitors_attachment(attachment_id: UUID, visitor: Visitor) -> dict[str, Any]:
    """Return an attachment as a visitor sees it: of a public message of its conversations, or its own and
    not sent yet. Raises Problem `not_found`.
    """
    found = _found(attachment_id)
    if found.message_id:
        if not is_of(visitor.pk, found.message_id):
            raise Problem("not_found")
    elif found.reply_id or found.visitor_id != visitor.pk:
        raise Problem("not_found")
    return attachment_shown(attachment_id)


@dataclass(frozen=True)
class Sent:
    """What one source of uploads has sent."""

    count: int = 0  # files in this hour
    size: int = 0  # bytes in this hour and the 23 before it


def paced(sources: Sequence[str], hour: datetime) -> dict[str, Sent]:
    """Return what each of these sources has uploaded, as of an hour of the clock."""
    rows = UploadPace.objects.filter(source__in=sources, hour__gt=hour - timedelta(days=1))
    sums = rows.values("source").annotate(
        count=Sum("files", filter=Q(hour=hour), default=0), bytes=Sum("size", default=0)
    )
    found = {each["source"]: Sent(each["count"], each["bytes"]) for each in sums}
    return {source: found.get(source, Sent()) for source in sources}


def unsent_of_visitors() -> int:
    """Return how many bytes visitors have uploaded and not sent, with what they are uploading now."""
    with connection.cursor() as cursor:
        cursor.execute(UNSENT)
        size: int = cursor.fetchone()[0]
    return size


def _found(attachment_id: UUID) -> Attachment:
    found = Attachment.objects.filter(pk=attachment_id).first()
    if found is None:
        raise Problem("not_found")
    return found


def reusable(found: Attachment, visible: Iterable[Clause]) -> bool:
    """Whether an attachment is of a canned reply among those that `visible` leaves."""
    if found.reply_id is None or not (clauses := list(visible)):
        return False
    return (
        replies_queries.REPLIES.one(('"messaging_cannedreply"."id" = %s', [found.reply_id]), *clauses)
        is not None
    )
