"""The timetable of events: what is past its retention goes."""

from datetime import timedelta

from procrastinate.contrib.django import app

from api.idempotency import forget_old
from events.services import forget_older_than

RETENTION = timedelta(days=400)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="forget_old_events", pass_context=False)
def forget_old_events(timestamp: int) -> None:
    """Each night: delete old events, and the answers kept for Idempotency-Key."""
    forget_older_than(RETENTION)
    forget_old()
