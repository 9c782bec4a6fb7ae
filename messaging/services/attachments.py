"""Files: taken in, given to the message that is sent with them, and forgotten when nothing has them."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files.base import File
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from api.errors import Problem, field_error
from api.filters import Clause
from api.ids import new_id
from messaging import attachments_queries as queries
from messaging.files import kinds, links, names, pictures, stored
from messaging.files.taken import MEBIBYTE, longest
from messaging.models import Attachment, CannedReply, DiscardedFile, MessageType, Visitor
from messaging.services import upload_pace
from settings_app.queries import setting

log = logging.getLogger("inlay.files")

REPLY_FILES = 10
UNSENT_KEPT, VISITORS_UNSENT_KEPT = timedelta(days=1), timedelta(hours=1)
UPLOAD_LASTS = timedelta(hours=1)  # how long a file may be without its row
# What one visitor may upload: a person with a phone, not a program with a disk.
PER_HOUR, BYTES_PER_DAY = 60, 300 * MEBIBYTE
# And all visitors of one address: an office.
ADDRESS_PER_HOUR, ADDRESS_BYTES_PER_DAY = 240, 2048 * MEBIBYTE

CLAIM = """
    UPDATE messaging_attachment SET message_id = %s
    WHERE id = %s AND message_id IS NULL AND reply_id IS NULL
    AND (user_id = %s::uuid OR visitor_id = %s::uuid)"""
# The source's row is held, so that its file cannot become nobody's meanwhile.
COPY = """
    INSERT INTO messaging_attachment
        (id, name, size, content_type, sha256, width, height, key, thumbnail, user_id, message_id, place)
    SELECT %s, name, size, content_type, sha256, width, height, key, thumbnail, %s::uuid, %s, 0
    FROM messaging_attachment WHERE id = %s AND reply_id IS NOT NULL FOR KEY SHARE"""


def store_attachment(
    *, file: File, name: str, user: User | None = None, visitor: Visitor | None = None, address: str = ""
) -> dict[str, Any]:
    """Take a file in and return it as the API shows it: its uploader's own until it is sent. `address` is
    where a visitor uploads from.

    Raises Problem `validation_failed` (empty, or of a type that chat.attachmentTypes does not name),
    `body_too_large`, `throttled` when visitors have uploaded too much, or `unavailable` when the storage
    fails.
    """
    size = file.size or 0
    if not size:
        raise field_error("file", "blank", "The file is empty.")
    if size > longest():
        raise Problem("body_too_large", f"A file may have at most {longest() // MEBIBYTE} MiB.")
    name = names.clean(name)
    opened = cast(BinaryIO, file.file)
    kind = kinds.content_type(opened, name)
    if not kinds.allowed(kind, setting("chat", "attachmentTypes")):
        raise field_error("file", "type_not_allowed", f"Files of the type {kind} are not taken here.")
    picture = pictures.picture_of(opened, kind) if kind in kinds.PICTURES else None
    attachment = Attachment(
        id=new_id(),
        name=names.ending_in(name, kinds.EXTENSIONS.get(kind, ())),
        size=size,
        content_type=kind,
        sha256=_digest(file),
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        thumbnail=picture is not None,
        user=user,
        visitor=visitor,
    )
    attachment.key = stored.new_key(attachment.pk)
    # Named before it is there, outside of any transaction: whatever breaks now, the sweep finds the file.
    due_at = timezone.now() + UPLOAD_LASTS
    if visitor:
        upload_pace.admit(quotas=_quotas(visitor, address), size=size, key=attachment.key, due_at=due_at)
    else:
        DiscardedFile.objects.create(key=attachment.key, due_at=due_at)
    try:
        stored.save(attachment.key, file, picture.thumbnail if picture else b"")
    except Exception as error:  # noqa: BLE001 - each storage fails in its own way
        log.error("a file could not be stored: %s", error)
        detail = "Files cannot be stored at the moment."
        raise Problem("unavailable", detail, headers={"Retry-After": "30"}) from None
    with transaction.atomic():
        attachment.save(force_insert=True)
        DiscardedFile.objects.filter(key=attachment.key).delete()
    return queries.attachment_shown(attachment.pk)


def check_pace(visitor: Visitor, address: str) -> None:
    """Raise Problem `visitor_blocked`, or `throttled` for a visitor who, or whose address, has uploaded too
    much. Binds nobody: store_attachment counts.
    """
    if visitor.blocked_at:
        raise Problem("visitor_blocked")
    upload_pace.check(_quotas(visitor, address))


def message_type(
    attachment_id: UUID, given: str, *, user: User | None, visitor: Visitor | None, reusable: Iterable[Clause]
) -> str:
    """Return the type of the message that is sent with an attachment: `image` where pages may show it so.

    The attachment is the sender's own (used or not: a resend is one too), or of a canned reply among those
    that `reusable` leaves. Raises Problem `validation_failed`.
    """
    found = Attachment.objects.filter(pk=attachment_id).first()
    own = found and ((user and found.user_id == user.pk) or (visitor and found.visitor_id == visitor.pk))
    if found is None or not (own or queries.reusable(found, reusable)):
        raise field_error("attachment", "not_found", "There is no such attachment of yours.")
    is_picture = found.width is not None and links.is_shown(found.content_type, found.width)
    if given == MessageType.IMAGE and not is_picture:
        raise field_error("type", "invalid", "This file is no picture that can be shown: send it as a file.")
    return given or (MessageType.IMAGE if is_picture else MessageType.FILE)


def give_to_message(
    *,
    attachment_id: UUID,
    message_id: UUID,
    user: User | None,
    visitor: Visitor | None,
) -> None:
    """Give an attachment to a new message, or a copy of it where it is a canned reply's; in the message's
    transaction, after message_type. Raises Problem `validation_failed` when another message has it.
    """
    with connection.cursor() as cursor:
        sender = user.pk if user else None, visitor.pk if visitor else None
        cursor.execute(CLAIM, [message_id, attachment_id, *sender])
        if not cursor.rowcount:
            cursor.execute(COPY, [new_id(), sender[0], message_id, attachment_id])
        if not cursor.rowcount:
            raise field_error("attachment", "already_used", "Another message has this attachment.")


def give_to_reply(*, reply: CannedReply, attachments: Sequence[UUID], user: User) -> bool:
    """Make these, in this order, the files of a canned reply; return whether that is another list.

    New ones are uploads of the user; those that go are deleted, and what was sent of them stays. Called with
    the reply locked. Raises Problem `validation_failed`.
    """
    wanted = list(dict.fromkeys(attachments))
    if len(wanted) > REPLY_FILES:
        raise field_error("attachments", "too_long", f"Expected at most {REPLY_FILES} files.")
    had = list(Attachment.objects.filter(reply=reply).order_by("place", "pk").values_list("pk", flat=True))
    if wanted == had:
        return False
    Attachment.objects.filter(reply=reply).exclude(pk__in=wanted).delete()
    mine = Q(message=None, reply=None, user=user) | Q(reply=reply)
    for place, each in enumerate(wanted):
        if not Attachment.objects.filter(mine, pk=each).update(reply=reply, place=place):
            raise field_error("attachments", "not_found", f"There is no such attachment of yours: {each}.")
    return True


def sweep_files() -> dict[str, int]:
    """Forget what was uploaded and never sent (a visitor's sooner), and delete the files that no row has. Run
    by the worker.

    A file may be asked for by a copy of its row only while a row with it is there, so one that no row has
    stays nobody's. `due_at` tells a row of the list that was renewed meanwhile.
    """
    now = timezone.now()
    unsent = Attachment.objects.filter(message=None, reply=None, created_at__lt=now - VISITORS_UNSENT_KEPT)
    old = Q(visitor__isnull=False) | Q(created_at__lt=now - UNSENT_KEPT)
    forgotten = unsent.filter(old).delete()[0]
    upload_pace.forget_pace()
    deleted = 0
    due = DiscardedFile.objects.filter(due_at__lte=timezone.now())
    for key, due_at in list(due.order_by("due_at").values_list("key", "due_at")[:1000]):
        if not Attachment.objects.filter(key=key).exists():
            try:
                stored.delete(key)
            except Exception as error:  # noqa: BLE001 - each storage fails in its own way
                log.error("a file could not be deleted: %s", error)
                later = timezone.now() + UPLOAD_LASTS
                DiscardedFile.objects.filter(key=key, due_at=due_at).update(due_at=later)
                continue
            deleted += 1
        DiscardedFile.objects.filter(key=key, due_at=due_at).delete()
    stored.forget_broken_uploads(UNSENT_KEPT)
    return {"forgotten": forgotten, "deleted": deleted}


def _quotas(visitor: Visitor, address: str) -> list[upload_pace.Quota]:
    return [
        upload_pace.Quota(upload_pace.of_visitor(visitor.pk), PER_HOUR, BYTES_PER_DAY),
        upload_pace.Quota(upload_pace.of_address(address), ADDRESS_PER_HOUR, ADDRESS_BYTES_PER_DAY),
    ]


def _digest(file: File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
