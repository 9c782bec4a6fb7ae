"""Messages, numbered without gaps in their thread, and how far everybody has read."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThan

from api.ids import new_id
from messaging.models.robots import Robot
from messaging.models.threads import Thread
from messaging.models.visitors import Pairs, Visitor


class MessageType(models.TextChoices):
    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    CARD = "card"
    SYSTEM = "system"


class Visibility(models.TextChoices):
    PUBLIC = "public"
    INTERNAL = "internal"  # a note: never for visitors


class OctetLength(models.Func):
    function = "octet_length"
    output_field = models.IntegerField()


class Message(models.Model):
    """One message. (thread, seq) has no gaps; the sender's client id makes a resend store nothing twice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    client_id = models.CharField(max_length=64, default="", blank=True)
    type = models.CharField(max_length=10, choices=MessageType.choices, default=MessageType.TEXT)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    content = models.TextField(blank=True)  # of a file its caption, of a card what is shown without it
    card = models.JSONField(null=True)
    mentions = ArrayField(models.UUIDField(), default=list, blank=True, db_default=[])  # users
    edited_at = models.DateTimeField(null=True, editable=False)
    recalled_at = models.DateTimeField(null=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="messages")
    visitor = models.ForeignKey(Visitor, models.SET_NULL, null=True, related_name="messages")
    robot = models.ForeignKey(Robot, models.PROTECT, null=True, related_name="+", db_index=False)
    suggestions = ArrayField(  # what the visitor may answer by a tap
        models.CharField(max_length=200), default=list, blank=True, db_default=[]
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "seq"], name="messaging_seq_once"),
            models.UniqueConstraint(
                fields=["thread", "client_id"], condition=~Q(client_id=""), name="messaging_client_id_once"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="messaging_message_page"),
            GinIndex(fields=["content"], opclasses=["gin_trgm_ops"], name="messaging_message_search"),
            GinIndex(
                Pairs("content", Value("")),
                condition=Q(GreaterThan(OctetLength("content"), Length("content"))),  # spares what has none
                name="messaging_message_short_words",
            ),
            GinIndex(fields=["mentions"], condition=~Q(mentions=[]), name="messaging_message_mentions"),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} #{self.seq}"


class ReadMark(models.Model):
    """How far a user has read a thread: unread = last_seq - seq."""

    thread = models.ForeignKey(Thread, models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seq = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="messaging_read_mark_once")]
