"""Tickets."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from api.ids import new_id
from messaging.models import LeftMessage, Thread, Visitor


class Status(models.TextChoices):
    OPEN = "open"
    PENDING = "pending"  # waits for the requester
    ON_HOLD = "on_hold"  # waits for somebody else
    RESOLVED = "resolved"
    CLOSED = "closed"


class Priority(models.IntegerChoices):
    """Stored as numbers, so that tickets sort by urgency; the API says the names."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    URGENT = 4


class NextNumber(models.Func):
    """The next human number, from a sequence: gaps may appear, doubles never."""

    template = "nextval('tickets_number')"
    output_field = models.BigIntegerField()
    arity = 0


class Pairs(models.Func):
    """Each ideograph of a title and content, and each pair with one: made by migration 0002."""

    function = "tickets_pairs"
    output_field = ArrayField(models.TextField())


class Ticket(models.Model):
    """One request. `content` is the description; replies and notes are messages of `thread`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.BigIntegerField(unique=True, editable=False, db_default=NextNumber())
    title = models.CharField(max_length=300)
    content = models.TextField(default="", blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.MEDIUM)
    type = models.CharField(max_length=40, default="", blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    requester = models.ForeignKey(Visitor, models.SET_NULL, null=True, blank=True, related_name="tickets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="assigned_tickets"
    )
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="tickets")
    thread = models.OneToOneField(Thread, models.SET_NULL, null=True, editable=False, related_name="ticket")
    # The conversation it was made from, and the left message that it is (tickets.origins).
    origin_thread = models.ForeignKey(
        Thread, models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    left_message = models.ForeignKey(
        LeftMessage, models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    custom_fields = models.JSONField(default=dict, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    first_response_at = models.DateTimeField(null=True, editable=False)
    resolved_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)  # in the bin since
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="tickets_status_known"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="tickets_priority_known"),
            models.UniqueConstraint(
                fields=["left_message"],
                condition=Q(left_message__isnull=False),
                name="tickets_of_left_message_once",
            ),
        ]
        # Every ordering a list offers, then what narrows it; rows in the bin are in none of them. The
        # included columns let a narrowed list be counted from the index alone, ten times faster.
        indexes = [
            models.Index(
                fields=["created_at", "id"], condition=Q(deleted_at=None), name="tickets_by_creation"
            ),
            models.Index(fields=["updated_at", "id"], condition=Q(deleted_at=None), name="tickets_by_change"),
            models.Index(fields=["priority", "id"], condition=Q(deleted_at=None), name="tickets_by_priority"),
            models.Index(
                fields=["status", "created_at", "id"],
                include=["priority", "team", "assignee"],
                condition=Q(deleted_at=None),
                name="tickets_by_status",
            ),
            models.Index(
                fields=["assignee", "created_at", "id"],
                include=["status", "priority", "team"],
                condition=Q(deleted_at=None),
                name="tickets_of_assignee",
            ),
            models.Index(
                fields=["team", "created_at", "id"],
                include=["status", "priority", "assignee"],
                condition=Q(deleted_at=None),
                name="tickets_of_team",
            ),
            models.Index(
                fields=["requester", "created_at", "id"],
                condition=Q(deleted_at=None),
                name="tickets_of_requester",
            ),
            models.Index(
                fields=["origin_thread", "created_at", "id"],
                condition=Q(origin_thread__isnull=False),
                name="tickets_of_origin",
            ),
            GinIndex(fields=["tags"], name="tickets_tags"),
            GinIndex(fields=["title", "content"], opclasses=["gin_trgm_ops"] * 2, name="tickets_search"),
            # Words of one or two ideographs, too short for trigrams (tickets.search).
            GinIndex(Pairs("title", "content"), name="tickets_short_words"),
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="tickets_in_the_bin"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class TicketCount(models.Model):
    """How many tickets outside the bin a team has, and how many of them an assignee has; the sum of all rows
    of a key.

    Kept by triggers (migration 0002), because counting costs ten times what a page of the list costs.
    Writers take any row of the key that nobody holds, so they never wait for each other. The zero UUID means
    no team; the row of a team as a whole has it as assignee.
    """

    team = models.UUIDField()
    assignee = models.UUIDField()
    amount = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["assignee", "team"], name="tickets_count_of")]

    def __str__(self) -> str:
        return f"{self.team} {self.assignee}: {self.amount:+}"
