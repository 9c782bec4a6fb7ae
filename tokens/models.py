"""Rows of access tokens and of the sessions they opened; the row is the authority, never the token's text."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from api.ids import new_id


class State(models.TextChoices):
    """States of tokens.md section 1; expired is computed, never stored."""

    ACTIVE = "active"
    DISABLED = "disabled"
    ROTATED = "rotated"
    REVOKED = "revoked"


def text_list(length: int) -> ArrayField:
    return ArrayField(models.CharField(max_length=length), default=list, blank=True)


class AccessToken(models.Model):
    """One access token. Its text is stored nowhere: only its hash, and the last six characters to recognise
    it by.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)  # also the JWT's jti
    token_hash = models.BinaryField(max_length=32, unique=True, editable=False)
    hint = models.CharField(max_length=6, editable=False)
    name = models.CharField(max_length=120, blank=True, default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    scopes = text_list(40)
    team_ids = ArrayField(models.UUIDField(), default=list, blank=True)  # empty: no limit
    domains = text_list(260)  # normalised entries; empty: any page
    allow_no_origin = models.BooleanField("servers may use it too", default=False)
    allowed_ips = text_list(50)  # CIDR; empty: any address
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    grace_until = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_ip = models.CharField(max_length=45, default="", editable=False)
    last_used_origin = models.CharField(max_length=300, default="", editable=False)
    family = models.UUIDField(default=new_id, editable=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children", editable=False)
    surface = models.CharField(
        max_length=10, default="", editable=False
    )  # one-time tokens: "agent" or "admin"
    used_at = models.DateTimeField(null=True, editable=False)  # one-time tokens: when it was consumed
    notified_days = models.PositiveSmallIntegerField(
        null=True, editable=False
    )  # the last expiry notice: 7 or 1
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    revoked_reason = models.CharField(max_length=300, default="", editable=False)

    class Meta:
        verbose_name = "access token"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="tokens_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.ROTATED, grace_until__isnull=False) | ~Q(state=State.ROTATED),
                name="tokens_rotated_has_grace",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="tokens_expires_after_creation"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="tokens_page"),
            models.Index(fields=["user", "created_at"], name="tokens_of_user"),
            models.Index(fields=["family"], name="tokens_of_family"),
            models.Index(fields=["expires_at"], condition=Q(state="active"), name="tokens_ending"),  # notices
        ]

    def __str__(self) -> str:
        return f"{self.name or 'access token'} …{self.hint}"

    @property
    def is_one_time(self) -> bool:
        return bool(self.surface)

    def in_force(self, now: datetime | None = None) -> bool:
        """Whether the row itself lets the token work: active or in its grace, not expired, not used up."""
        now = now or timezone.now()
        graced = self.state == State.ROTATED and self.grace_until is not None and self.grace_until > now
        return (self.state == State.ACTIVE or graced) and self.expires_at > now and self.used_at is None

    def state_at(self, now: datetime | None = None) -> str:
        """Return active, disabled, rotated, revoked, used or expired, as a person would name it."""
        now = now or timezone.now()
        if self.state == State.REVOKED or self.state == State.DISABLED:
            return self.state
        if self.expires_at <= now or (self.state == State.ROTATED and self.grace_until <= now):
            return "expired" if self.state == State.ACTIVE else State.ROTATED
        return "used" if self.used_at else self.state


class HandoffSession(models.Model):
    """A session opened by a token (tokens.md section 4); it ends with its token, its user, its time or its
    idling.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="sessions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    surface = models.CharField(max_length=10)  # "agent" or "admin"
    kind = models.CharField(max_length=10)  # how it was opened: a kind of tokens.handoff.checks
    embedder = models.CharField(
        max_length=300, default=""
    )  # the origin that framed or opened it, "" when unknown
    handle = models.CharField(
        max_length=32, unique=True
    )  # public: names the session in ?h= before any cookie
    code_hash = models.BinaryField(
        max_length=32, null=True
    )  # one-time code of the landing page, void once used
    code_expires_at = models.DateTimeField(null=True)
    bearer_hash = models.BinaryField(
        max_length=32, null=True, unique=True
    )  # the tab bearer, where cookies fail
    session_key = models.CharField(max_length=40, default="", db_index=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ip = models.CharField(max_length=45, default="")

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="tokens_session_ending")]

    def __str__(self) -> str:
        return f"{self.surface} {self.kind} {self.handle}"


class DailyUse(models.Model):
    """How often a token was used or refused, per day, origin and result; counted in memory, written in
    bulk.
    """

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="daily_uses")
    day = models.DateField()
    origin = models.CharField(max_length=300, default="")
    result = models.CharField(max_length=40)  # "ok", or the reason code of the refusal
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "day", "origin", "result"], name="tokens_use_once_a_day")
        ]


class KnownPlace(models.Model):
    """An address or origin from which a token was used before; the first use from a new one is an event."""

    token = models.ForeignKey(AccessToken, models.CASCADE, related_name="known_places")
    kind = models.CharField(max_length=6, choices=[("ip", "address"), ("origin", "origin")])
    value = models.CharField(max_length=300)
    first_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "kind", "value"], name="tokens_place_known_once")
        ]
