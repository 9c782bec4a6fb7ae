"""The timetable of conversations: files that nobody has any more go."""

from procrastinate.contrib.django import app

from messaging.services.attachments import sweep_files


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="messaging.sweep_files")
def sweep_attachments(timestamp: int) -> dict[str, int]:
    """Every five minutes: delete the files of recalled messages, and what was uploaded and never sent."""
    return sweep_files()
