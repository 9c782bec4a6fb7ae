"""Messages that visitors leave while nobody is there to talk to them."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.models import Team
from api.ids import new_id
from messaging.models.threads import Thread
from messaging.models.visitors import Visitor


class LeftMessage(models.Model):
    """What a visitor left, and how to reach it. The sender's client id makes a resend store nothing twice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visitor = models.ForeignKey(Visitor, models.SET_NULL, null=True, related_name="left_messages")
    client_id = models.CharField(max_length=64)
    # Whom it is for; a team may go, its messages do not hold it.
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    thread = models.ForeignKey(Thread, models.SET_NULL, null=True, related_name="+")  # that waited till then
    content = models.TextField()
    nickname = models.CharField(max_length=120, default="", blank=True)
    email = models.EmailField(default="", blank=True)
    phone = models.CharField(max_length=40, default="", blank=True)
    page_url = models.CharField(max_length=2000, default="", blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visitor", "client_id"], name="messaging_left_message_once")
        ]
        indexes = [models.Index(fields=["visitor", "created_at"], name="messaging_left_by_visitor")]

    def __str__(self) -> str:
        return self.content[:80]
