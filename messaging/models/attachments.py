"""Files that people send, and the ones that nobody has any more."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from api.ids import new_id
from messaging.models.messages import Message
from messaging.models.replies import CannedReply
from messaging.models.visitors import Visitor


class Attachment(models.Model):
    """A file of one message or of one canned reply; its uploader's own until then.

    Several rows may share one stored file (`key`): what is sent from a canned reply is a copy of its row.
    A row that is deleted, by whatever way, leaves its key to DiscardedFile (a trigger).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()  # bytes
    content_type = models.CharField(max_length=100)  # by its bytes, see files.kinds
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)  # of a picture that pages may show, as it is shown
    height = models.PositiveIntegerField(null=True)
    key = models.CharField(max_length=200)  # where the storage has it
    thumbnail = models.BooleanField(default=False)  # beside it, see files.stored
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    visitor = models.ForeignKey(
        Visitor, models.SET_NULL, null=True, related_name="attachments", db_index=False
    )
    message = models.OneToOneField(Message, models.CASCADE, null=True, related_name="attachment")
    reply = models.ForeignKey(CannedReply, models.CASCADE, null=True, related_name="attachments")
    place = models.PositiveSmallIntegerField(default=0)  # among those of its reply
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(message=None) | Q(reply=None), name="messaging_attachment_of_one"
            )
        ]
        indexes = [
            models.Index(fields=["visitor", "created_at"], name="messaging_file_of_visitor"),
            models.Index(  # what was never sent
                fields=["created_at"], condition=Q(message=None, reply=None), name="messaging_file_unsent"
            ),
            models.Index(fields=["key"], name="messaging_file_key"),  # whether a file is still somebody's
        ]

    def __str__(self) -> str:
        return self.name


class DiscardedFile(models.Model):
    """A stored file (and its thumbnail) that goes when `due_at` comes, unless a row has it then.

    One that is being uploaded is here too, in case its row never comes.
    """

    key = models.CharField(primary_key=True, max_length=200)
    due_at = models.DateTimeField(db_default=Now())
    size = models.PositiveBigIntegerField(
        db_default=0, default=0
    )  # bytes of a visitor's, while it is uploaded

    def __str__(self) -> str:
        return self.key


class UploadPace(models.Model):
    """What one source of uploads, a visitor or an address, sent in an hour of the clock."""

    source = models.CharField(max_length=64)  # signed, see services.upload_pace: no address is kept
    hour = models.DateTimeField()
    files = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()  # bytes

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "hour"], name="messaging_upload_pace_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.hour}"
