"""The product's tables as the peers see them: unmanaged models of the very same rows."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Person(models.Model):
    """A user of the desk."""

    id = models.UUIDField(primary_key=True)
    username = models.CharField(max_length=150)
    email = models.EmailField()
    nickname = models.CharField(max_length=80)
    avatar = models.CharField(max_length=500)

    class Meta:
        managed = False
        db_table = "accounts_user"


class Team(models.Model):
    """A team of the desk."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(Person, through="Membership", related_name="teams")

    class Meta:
        managed = False
        db_table = "accounts_team"


class Membership(models.Model):
    """Who is in which team."""

    user = models.ForeignKey(Person, models.CASCADE)
    team = models.ForeignKey(Team, models.CASCADE)

    class Meta:
        managed = False
        db_table = "accounts_user_teams"


class Visitor(models.Model):
    """Somebody who asks."""

    id = models.UUIDField(primary_key=True)
    nickname = models.CharField(max_length=120)
    email = models.EmailField()
    avatar = models.CharField(max_length=500)

    class Meta:
        managed = False
        db_table = "messaging_visitor"


class Ticket(models.Model):
    """A ticket."""

    PRIORITIES = ((1, "low"), (2, "medium"), (3, "high"), (4, "urgent"))

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    title = models.CharField(max_length=300)
    content = models.TextField()
    status = models.CharField(max_length=10)
    priority = models.PositiveSmallIntegerField(choices=PRIORITIES)
    type = models.CharField(max_length=40)
    tags = ArrayField(models.CharField(max_length=40))
    requester = models.ForeignKey(Visitor, models.SET_NULL, null=True)
    assignee = models.ForeignKey(Person, models.SET_NULL, null=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True)
    thread_id = models.UUIDField(null=True)
    custom_fields = models.JSONField()
    due_at = models.DateTimeField(null=True)
    first_response_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField()

    class Meta:
        managed = False
        db_table = "tickets_ticket"
