"""Visitors, and the pages they looked at."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper

from api.ids import new_id


class Pairs(models.Func):
    """Each ideograph of two texts, and each pair with one: words too short for trigrams (api.search)."""

    function = "messaging_pairs"
    output_field = ArrayField(models.TextField())


class Visitor(models.Model):
    """Somebody from outside who writes or asks: the customer. A user who asks has a visitor too."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    external_id = models.CharField(max_length=120, default="", blank=True)  # the uid of the embedding site
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="visitor"
    )
    nickname = models.CharField(max_length=120, default="", blank=True)
    email = models.EmailField(default="", blank=True)
    phone = models.CharField(max_length=40, default="", blank=True, db_default="")
    avatar = models.CharField(max_length=500, default="", blank=True)
    language = models.CharField(max_length=20, default="", blank=True, db_default="")
    custom_fields = models.JSONField(default=dict, blank=True, db_default={})
    device = models.JSONField(default=dict, blank=True, db_default={})  # as its page describes it
    verified_at = models.DateTimeField(null=True, editable=False)  # the embedding site has signed who this is
    blocked_at = models.DateTimeField(null=True, editable=False)
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    seen_at = models.DateTimeField(null=True, editable=False)
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
            GinIndex(Pairs("nickname", "email"), name="messaging_visitor_short_words"),
            models.Index(
                fields=["created_at", "id"],
                condition=Q(blocked_at__isnull=False),
                name="messaging_visitor_blocked",
            ),
        ]

    def __str__(self) -> str:
        return self.nickname or self.email or str(self.pk)


class PageSeen(models.Model):
    """A page of the embedding site that a visitor looked at; the newest few are kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="pages")
    url = models.CharField(max_length=2000)
    title = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["visitor", "at"], name="messaging_page_of_visitor")]

    def __str__(self) -> str:
        return self.title or self.url
