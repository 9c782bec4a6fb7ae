"""Conversations: their type and state, whose they are, and how they went."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from api.ids import new_id
from messaging.models.visitors import Pairs, Visitor


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
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])
    summary = models.TextField(default="", blank=True, db_default="")  # how it went: the agents' note
    visitor = models.ForeignKey(Visitor, models.SET_NULL, null=True, blank=True, related_name="threads")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="threads"
    )
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="threads")
    page_url = models.CharField(
        max_length=2000, default="", blank=True, db_default=""
    )  # where the visitor began it
    last_seq = models.PositiveIntegerField(default=0)
    visitor_read_seq = models.PositiveIntegerField(default=0, db_default=0)
    visitor_delivered_seq = models.PositiveIntegerField(default=0, db_default=0)  # its page has so many
    last_content = models.CharField(max_length=200, default="", blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    first_visitor_at = models.DateTimeField(null=True, blank=True)
    first_response_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 to 5, by the visitor
    rating_comment = models.CharField(max_length=1000, default="", blank=True, db_default="")
    rated_at = models.DateTimeField(null=True, blank=True)
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
            # Only those with tags: each message writes its thread's row into every index that has it.
            GinIndex(fields=["tags"], condition=~Q(tags=[]), name="messaging_thread_tags"),
            models.Index(fields=["updated_at", "id"], condition=~Q(tags=[]), name="messaging_thread_tagged"),
        ]

    def __str__(self) -> str:
        return self.topic or str(self.pk)


class ThreadWords(models.Model):
    """What a conversation is found by; beside it, so that a message does not write into the indexes of words.

    Kept by triggers (migration 0010), so that it also holds for bulk loads; tickets have their own search.
    """

    thread = models.OneToOneField(Thread, models.CASCADE, primary_key=True, related_name="words")
    topic = models.TextField()
    visitor = models.TextField()  # nickname and e-mail

    class Meta:
        indexes = [
            GinIndex(
                fields=["topic", "visitor"], opclasses=["gin_trgm_ops"] * 2, name="messaging_thread_search"
            ),
            GinIndex(Pairs("topic", "visitor"), name="messaging_thread_short_words"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.visitor}"
