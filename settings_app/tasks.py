"""The timetable of what is kept: what is past its time goes."""

from datetime import timedelta

from procrastinate.contrib.django import app

from api.idempotency import forget_old
from events.services import forget_older_than
from settings_app.queries import setting


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="forget_what_is_past")
def forget_what_is_past(timestamp: int) -> None:
    """Each night: delete events past general.eventRetentionDays, and the answers kept for Idempotency-Key."""
    forget_older_than(timedelta(days=setting("general", "eventRetentionDays")))
    forget_old()
