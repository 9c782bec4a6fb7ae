"""The timetable of tickets: the bin is emptied."""

from procrastinate.contrib.django import app

from tickets.services import empty_bin


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="empty_ticket_bin", pass_context=False)
def empty_ticket_bin(timestamp: int) -> None:
    """Each night: delete for good what has lain in the bin for 30 days."""
    empty_bin()
