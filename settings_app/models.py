"""The stored values of settings: one row per group, only what differs from the defaults."""

from django.db import models
from django.db.models.functions import Now


class StoredGroup(models.Model):
    """The values of one group that somebody changed."""

    name = models.CharField(max_length=40, primary_key=True)
    values = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "settings group"

    def __str__(self) -> str:
        return self.name
