"""What the API itself keeps: the answers of requests that carried an Idempotency-Key."""

from django.db import models
from django.db.models.functions import Now


class IdempotentAnswer(models.Model):
    """The first answer to a key of one caller; kept 24 hours (api.md)."""

    caller = models.CharField(max_length=80)  # "token:<id>" or "user:<id>"
    key_hash = models.BinaryField(max_length=32)
    request_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key_hash"], name="api_one_answer_per_key")]
        indexes = [models.Index(fields=["created_at"], name="api_answer_created")]  # the daily clean-up
