"""What bounds the answers that cost something, a language model's: how many there were, and for whom."""

from django.db import models
from django.db.models.functions import Now

from messaging.models.threads import Thread


class RobotPace(models.Model):
    """How many answers one source (a visitor, an address, the whole desk) had in a window that began then."""

    source = models.CharField(max_length=64)  # signed, see services.robot_pace: no address is kept
    begin = models.DateTimeField()
    answers = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "begin"], name="messaging_robot_pace_once")]
        indexes = [models.Index(fields=["begin"], name="messaging_robot_pace_old")]

    def __str__(self) -> str:
        return f"{self.source} {self.begin}"


class RobotAsker(models.Model):
    """From where the visitor of a robot's conversation wrote last; forgotten after a day of silence."""

    thread = models.OneToOneField(Thread, models.CASCADE, primary_key=True, related_name="+")
    source = models.CharField(max_length=64)  # signed: no address is kept
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["at"], name="messaging_robot_asker_old")]

    def __str__(self) -> str:
        return str(self.thread_id)
