"""Canned replies: texts that agents write again and again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Team
from api.ids import new_id


class CannedReply(models.Model):
    """A ready text: of one person, of a team, or of everybody (neither)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shortcut = models.CharField(max_length=40)  # what one types after "/"
    title = models.CharField(max_length=120, default="", blank=True)
    content = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shortcut"], condition=Q(owner=None, team=None), name="messaging_reply_shared_once"
            ),
            models.UniqueConstraint(
                fields=["team", "shortcut"], condition=Q(owner=None), name="messaging_reply_team_once"
            ),
            models.UniqueConstraint(fields=["owner", "shortcut"], name="messaging_reply_owner_once"),
            models.CheckConstraint(
                condition=Q(owner=None) | Q(team=None), name="messaging_reply_of_one_or_a_team"
            ),
        ]
        indexes = [models.Index(fields=["created_at", "id"], name="messaging_reply_page")]

    def __str__(self) -> str:
        return f"/{self.shortcut}"
