"""The roll-ups: what happened in each hour, kept by triggers in the transaction that writes (migration 0002).

A row holds its hour in four quarters, because the days of India, Nepal or central Australia do not begin at a
full hour of UTC; the views `reporting_teamquarter` and `reporting_agentquarter` show a row per quarter.
"""

from datetime import UTC, datetime
from uuid import UUID

from django.db import models
from django.db.models import F

NOBODY = UUID(int=0)  # in place of null: no team, no agent; so that keys stay primary keys
NOW = datetime(1970, 1, 1, tzinfo=UTC)  # the hour of figures that count what is, not what happened


class Figure(models.IntegerChoices):
    """What is counted. The numbers are stored and stand in the migrations: never give one a new meaning."""

    TICKETS_CREATED = 1
    TICKETS_RESOLVED = 2
    TICKETS_CLOSED = 3
    TICKETS_DELETED = 4
    TICKET_RESPONSES = 5
    TICKETS_OPEN = 6
    THREADS_STARTED = 11
    THREADS_CLOSED = 12
    THREAD_RESPONSES = 13
    THREADS_OPEN = 14
    THREADS_QUEUED = 15
    MESSAGES_OF_AGENTS = 21
    MESSAGES_OF_VISITORS = 22


class RollUp(models.Model):
    """How often, and how many milliseconds in sum where the figure is a duration.

    `slot` keeps two transactions from waiting for the same row; readers add the slots up.
    """

    figure = models.PositiveSmallIntegerField(choices=Figure.choices)
    at = models.DateTimeField()
    team_id = models.UUIDField(default=NOBODY)
    slot = models.IntegerField(default=0)
    amount_00 = models.BigIntegerField(default=0)
    amount_15 = models.BigIntegerField(default=0)
    amount_30 = models.BigIntegerField(default=0)
    amount_45 = models.BigIntegerField(default=0)
    milliseconds_00 = models.BigIntegerField(default=0)
    milliseconds_15 = models.BigIntegerField(default=0)
    milliseconds_30 = models.BigIntegerField(default=0)
    milliseconds_45 = models.BigIntegerField(default=0)
    amount = models.GeneratedField(
        expression=F("amount_00") + F("amount_15") + F("amount_30") + F("amount_45"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    milliseconds = models.GeneratedField(
        expression=F("milliseconds_00") + F("milliseconds_15") + F("milliseconds_30") + F("milliseconds_45"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        abstract = True


class TeamFigure(RollUp):
    """Figures by team: what the overview and every series are read from."""

    pk = models.CompositePrimaryKey("figure", "at", "team_id", "slot")

    def __str__(self) -> str:
        return f"{Figure(self.figure).name} {self.at:%Y-%m-%d %H:%M}: {self.amount}"


class AgentFigure(RollUp):
    """The same by agent and team, of what somebody is named for."""

    agent_id = models.UUIDField()
    pk = models.CompositePrimaryKey("figure", "at", "agent_id", "team_id", "slot")

    def __str__(self) -> str:
        return f"{Figure(self.figure).name} {self.at:%Y-%m-%d %H:%M} {self.agent_id}: {self.amount}"
