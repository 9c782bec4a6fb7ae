"""Robots, which answer visitors before people do, and what they know."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from api.ids import new_id


class Robot(models.Model):
    """Who answers a ROBOT thread: `responder` names how (robots.responders), `team` takes over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)  # by which a chat's address names it
    nickname = models.CharField(max_length=120)  # what visitors see
    avatar = models.CharField(max_length=500, default="", blank=True)
    welcome_text = models.TextField(default="", blank=True)
    suggestions = ArrayField(models.CharField(max_length=200), default=list, blank=True, db_default=[])
    responder = models.CharField(max_length=40, default="faq")
    config = models.JSONField(default=dict, blank=True, db_default={})
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="robots")
    threshold = models.FloatField(default=0.5)  # an answer less certain than this (0 to 1) is none
    offer_after = models.PositiveSmallIntegerField(default=2)  # misses in a row until it offers a person
    hand_over_after = models.PositiveSmallIntegerField(default=4)  # misses in a row; 0: never by itself
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__gte=0, threshold__lte=1), name="messaging_robot_threshold"
            )
        ]

    def __str__(self) -> str:
        return self.name


class KnowledgeEntry(models.Model):
    """A question, other ways to ask it, and its answer: of one robot, or of all (without a robot).

    `terms` and `words` are what the search finds it by (robots.terms); services.knowledge keeps them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    robot = models.ForeignKey(Robot, models.CASCADE, null=True, blank=True, related_name="knowledge")
    question = models.CharField(max_length=500)
    similar = ArrayField(models.CharField(max_length=500), default=list, blank=True, db_default=[])
    answer = models.TextField()
    language = models.CharField(max_length=20, default="", blank=True)
    enabled = models.BooleanField(default=True)
    terms = ArrayField(models.TextField(), default=list, editable=False, db_default=[])
    words = models.TextField(default="", editable=False, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "knowledge entries"
        indexes = [
            # Exact terms, pairs of ideographs among them: trigrams need three letters, most Chinese words
            # have two, and a database of locale C has no trigrams of them at all.
            GinIndex(fields=["terms"], name="messaging_knowledge_terms"),
            # Words that are spelt almost so.
            GinIndex(fields=["words"], opclasses=["gin_trgm_ops"], name="messaging_knowledge_words"),
            models.Index(fields=["created_at", "id"], name="messaging_knowledge_page"),
            models.Index(fields=["updated_at", "id"], name="messaging_knowledge_changed"),
        ]

    def __str__(self) -> str:
        return self.question
