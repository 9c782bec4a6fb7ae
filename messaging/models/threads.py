"""Conversations: their type and state, whose they are, and how they went."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from accounts.models import Team
from api.ids import new_id
from messaging.models.robots import Robot
from messaging.models.visitors import Pairs, Visitor


class ThreadType(models.TextChoices):
    AGENT = "AGENT"  # a visitor and an agent
    WORKGROUP = "WORKGROUP"  # a visitor and a team
    ROBOT = "ROBOT"
    MEMBER = "MEMBER"  # two people of the desk
    GROUP = "GROUP"  # several people of the desk: its participants are its members
    TICKET = "TICKET"  # the replies and notes of a ticket


# Those that a visitor takes part in; a ticket's thread it does not read in the chat.
CHATS = (ThreadType.AGENT, ThreadType.WORKGROUP, ThreadType.ROBOT)
# What people of the desk say to each other is theirs alone, whatever somebody's role.
AMONG_COLLEAGUES = frozenset({ThreadType.MEMBER, ThreadType.GROUP})


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
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])  # it needs
    queued_at = models.DateTimeField(null=True, blank=True)  # since when it waits or had waited: its place
    team_queued_at = models.DateTimeField(null=True, blank=True)  # when it came to its present team's queue
    assigned_at = models.DateTimeField(null=True, blank=True)
    waited_seconds = models.PositiveIntegerField(null=True, blank=True)  # from the queue to its first agent
    passed_on_by = models.ForeignKey(  # gave it back to the queue, and gets it from there no more
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, db_index=False, related_name="+"
    )
    waiting_since = models.DateTimeField(null=True, blank=True)  # the oldest word that nobody has answered
    # Invited colleagues, as in ThreadParticipant: at hand with the row, where each message asks who hears it.
    participant_ids = ArrayField(models.UUIDField(), default=list, blank=True, db_default=[])
    # With whom it began; it answers while the type is ROBOT. No index: nothing looks a robot's threads up.
    robot = models.ForeignKey(Robot, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    robot_misses = models.PositiveSmallIntegerField(default=0, db_default=0)  # in a row
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
            models.Index(  # a team's queue, the oldest first
                fields=["team", "queued_at", "id"], condition=Q(state="queued"), name="messaging_queue"
            ),
            models.Index(  # every queue together, as the list of those that wait shows it
                Coalesce("queued_at", "created_at"),
                "id",
                condition=Q(state="queued"),
                name="messaging_queue_of_all",
            ),
            models.Index(  # how busy an agent is
                fields=["agent"],
                condition=Q(state="open", type__in=list(CHATS)),
                name="messaging_open_chats",
            ),
            models.Index(  # how long a team's last conversations have waited
                fields=["team", "-assigned_at"], condition=Q(waited_seconds__gt=0), name="messaging_waited"
            ),
            models.Index(  # the list of those that wait for an answer
                fields=["updated_at", "id"],
                condition=Q(waiting_since__isnull=False),
                name="messaging_unanswered",
            ),
            models.Index(  # those that have fallen silent
                fields=["last_message_at"],
                condition=Q(state="open", type__in=["AGENT", "WORKGROUP"], waiting_since__isnull=True),
                name="messaging_silent",
            ),
            models.Index(  # what robots have to look after
                fields=["last_message_at"],
                condition=Q(type="ROBOT", state="open"),
                name="messaging_thread_of_robot",
            ),
            # Only those with tags: each message writes its thread's row into every index that has it.
            GinIndex(fields=["tags"], condition=~Q(tags=[]), name="messaging_thread_tags"),
            models.Index(fields=["updated_at", "id"], condition=~Q(tags=[]), name="messaging_thread_tagged"),
        ]

    def __str__(self) -> str:
        return self.topic or str(self.pk)


class ThreadParticipant(models.Model):
    """A colleague who was invited into a conversation, or a member of a group: sees it, hears it, writes in
    it.
    """

    thread = models.ForeignKey(Thread, models.CASCADE, db_index=False, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="messaging_participant_once")]


class Turn(models.Model):
    """When an agent was given a conversation last: of those who could take the next one, whose turn it is."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField(db_default=Now())


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
