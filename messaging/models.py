"""Visitors, threads and messages. Words and shapes are those of the iframe protocol."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

from accounts.models import Team
from api.ids import new_id


class Visitor(models.Model):
    """Somebody from outside who writes or asks: the customer. A user who asks has a visitor too."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    external_id = models.CharField(max_length=120, default="", blank=True)  # the uid of the embedding site
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="visitor"
    )
    nickname = models.CharField(max_length=120, default="", blank=True)
    email = models.EmailField(default="", blank=True)
    avatar = models.CharField(max_length=500, default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id=""),
                name="messaging_visitor_external_id_once",
            )
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="messaging_visitor_page"),
            models.Index(Upper("email"), name="messaging_visitor_email"),  # found whatever the case
            GinIndex(
                fields=["nickname", "email"], opclasses=["gin_trgm_ops"] * 2, name="messaging_visitor_search"
            ),
        ]

    def __str__(self) -> str:
        return self.nickname or self.email or str(self.pk)


class ThreadType(models.TextChoices):
    AGENT = "AGENT"  # a visitor and an agent
    WORKGROUP = "WORKGROUP"  # a visitor and a team
    ROBOT = "ROBOT"
    MEMBER = "MEMBER"  # two people of the desk
    GROUP = "GROUP"
    TICKET = "TICKET"  # the replies and notes of a ticket


class ThreadState(models.TextChoices):
    QUEUED = "queued"
    OPEN = "open"
    CLOSED = "closed"


class Thread(models.Model):
    """A conversation; `last_seq` numbers its messages without gaps."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    type = models.CharField(max_length=10, choices=ThreadType.choices)
    state = models.CharField(max_length=10, choices=ThreadState.choices, default=ThreadState.OPEN)
    topic = models.CharField(max_length=300, default="", blank=True)
    visitor = models.ForeignKey(Visitor, models.SET_NULL, null=True, blank=True, related_name="threads")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="threads"
    )
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="threads")
    last_seq = models.PositiveIntegerField(default=0)
    last_content = models.CharField(max_length=200, default="", blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    first_visitor_at = models.DateTimeField(null=True, blank=True)
    first_response_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, editable=False)  # its ticket lies in the bin since
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["updated_at", "id"], name="messaging_thread_page"),
            models.Index(  # the list of conversations, past a million threads of tickets
                fields=["updated_at", "id"], condition=~Q(type="TICKET"), name="messaging_chat_page"
            ),
            models.Index(fields=["created_at", "id"], name="messaging_thread_created"),
            models.Index(fields=["agent", "state", "updated_at"], name="messaging_thread_of_agent"),
            models.Index(fields=["team", "updated_at", "id"], name="messaging_thread_of_team"),
            models.Index(fields=["visitor", "created_at"], name="messaging_thread_of_visitor"),
        ]

    def __str__(self) -> str:
        return self.topic or str(self.pk)


class MessageType(models.TextChoices):
    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    SYSTEM = "system"


class Visibility(models.TextChoices):
    PUBLIC = "public"
    INTERNAL = "internal"  # a note: never for visitors


class Message(models.Model):
    """One message. (thread, seq) has no gaps; the sender's client id makes a resend store nothing twice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    client_id = models.CharField(max_length=64, default="", blank=True)
    type = models.CharField(max_length=10, choices=MessageType.choices, default=MessageType.TEXT)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    content = models.TextField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="messages")
    visitor = models.ForeignKey(Visitor, models.SET_NULL, null=True, related_name="messages")
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
