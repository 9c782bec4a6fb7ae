"""The one table that history, realtime, the changes feed, webhooks and the audit log read."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class TransactionId(models.Field):
    """PostgreSQL's xid8: which transaction wrote a row, 64 bits, never wraps."""

    def db_type(self, connection):
        return "xid8"

    def from_db_value(self, value, expression, connection):
        return None if value is None else int(value)


class CurrentTransactionId(models.Func):
    function = "pg_current_xact_id"
    output_field = TransactionId()
    arity = 0


class Event(models.Model):
    """One thing that happened, written in the transaction of the change itself (events.services.record).

    `audience` holds the channels that may see it, as `<family>/<who>`: a caller sees an event when one of its
    own channels is among them. (transaction, id) is commit-safe order: see events.queries.
    """

    id = models.BigAutoField(primary_key=True)
    transaction = TransactionId(db_default=CurrentTransactionId(), editable=False)
    at = models.DateTimeField(db_default=models.functions.Now())
    type = models.CharField(max_length=60)  # "ticket.created"
    object_type = models.CharField(max_length=30)
    object_id = models.CharField(max_length=60)
    audience = ArrayField(models.CharField(max_length=80))
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=150, default="", blank=True)
    token_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, default="", blank=True)
    ip = models.CharField(max_length=45, default="", blank=True)
    origin = models.CharField(max_length=300, default="", blank=True)
    agent = models.CharField(max_length=300, default="", blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["transaction", "id"], name="events_in_commit_order"),
            models.Index(fields=["object_id", "id"], name="events_of_one_object"),
            models.Index(
                fields=["token_id", "id"], condition=models.Q(token_id__isnull=False), name="events_of_token"
            ),
            BrinIndex(fields=["at"], name="events_by_age"),  # the clean-up of old events
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.object_id}"


class ReaderPlace(models.Model):
    """How far a durable reader (events.readers) has come, written `<transaction>-<id>` like an event's id."""

    name = models.CharField(max_length=60, primary_key=True)
    place = models.CharField(max_length=40)
    failures = models.PositiveSmallIntegerField(default=0)  # of the event that is next
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.place}"


class Listening(models.Model):
    """Since when, without a gap, and until when somebody has had a stream open (events.listening).

    The row of NOBODY is of the hubs themselves: whether they were there to notice.
    """

    user_id = models.UUIDField(primary_key=True)
    since = models.DateTimeField(db_default=models.functions.Now())
    seen_at = models.DateTimeField(db_default=models.functions.Now())

    def __str__(self) -> str:
        return str(self.user_id)
