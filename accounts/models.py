"""People and their teams."""

from django.contrib.auth.models import AbstractBaseUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.core.mail import send_mail
from django.db import models
from django.db.models.functions import Lower, Now

from accounts.roles import ADMIN, AGENT, ROLES
from api.ids import new_id


class Presence(models.TextChoices):
    """Statuses of the iframe protocol: receives chats, at work but takes none, away."""

    AVAILABLE = "AVAILABLE"
    BUSY = "BUSY"
    OFFLINE = "OFFLINE"


class Routing(models.TextChoices):
    """How a team's waiting conversations find an agent."""

    MANUAL = "manual", "Agents take what waits"
    LEAST_BUSY = "least_busy", "To who has the fewest"
    ROUND_ROBIN = "round_robin", "In turn"


class Team(models.Model):
    """People who share work; a ticket or thread of a team is seen by its members."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, default="", blank=True)
    routing = models.CharField(
        max_length=20, choices=Routing.choices, default=Routing.LEAST_BUSY, db_default=Routing.LEAST_BUSY
    )
    # Where conversations go that have waited too long; 0 seconds: they stay.
    overflow_team = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    overflow_seconds = models.PositiveIntegerField(default=0, db_default=0)
    hours = models.JSONField(null=True, blank=True)  # as the settings group `hours`; null: the desk's
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="accounts_team_name_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DeskUserManager(UserManager):
    """Django's manager; a superuser of createsuperuser is an admin of the desk."""

    def create_superuser(self, username, email=None, password=None, **extra):
        extra.setdefault("role", ADMIN)
        return self._create_user(username, email, password, **extra)

    def create_user(self, username, email=None, password=None, **extra):
        return self._create_user(username, email, password, **extra)


class User(AbstractBaseUser):
    """Somebody who works at the desk. The role decides all rights; Django's permissions and groups are not
    used."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(blank=True, default="")
    nickname = models.CharField(max_length=80, blank=True, default="")
    avatar = models.CharField(max_length=500, blank=True, default="")
    role = models.CharField(
        max_length=20, choices=[(role, role.capitalize()) for role in ROLES], default=AGENT
    )
    teams = models.ManyToManyField(Team, related_name="members", blank=True)
    status = models.CharField(max_length=10, choices=Presence.choices, default=Presence.OFFLINE)
    status_at = models.DateTimeField(db_default=Now(), editable=False)
    capacity = models.PositiveSmallIntegerField(default=5, db_default=5)  # chats at once
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])
    language = models.CharField(max_length=10, blank=True, default="")
    timezone = models.CharField(max_length=60, blank=True, default="")
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = DeskUserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="accounts_user_email_once"
            ),
            models.UniqueConstraint(Lower("username"), name="accounts_user_username_once"),
            models.CheckConstraint(condition=models.Q(role__in=ROLES), name="accounts_user_role_known"),
        ]
        indexes = [models.Index(fields=["created_at", "id"], name="accounts_user_page")]

    def __str__(self) -> str:
        return self.nickname or self.username

    @property
    def shown_name(self) -> str:
        return self.nickname or self.username

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin lets this user in."""
        return self.is_active and self.role == ADMIN

    @property
    def is_superuser(self) -> bool:
        return self.role == ADMIN

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_staff

    def has_perms(self, perms, obj: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    def get_all_permissions(self, obj: object = None) -> set[str]:
        return set()

    def email_user(self, subject: str, message: str, from_email: str | None = None) -> None:
        send_mail(subject, message, from_email, [self.email])
