"""The timetable of conversations: files that nobody has any more go, and counts that are past their time."""

from procrastinate.contrib.django import app

from messaging.services import robot_pace
from messaging.services.attachments import sweep_files


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="messaging.sweep_files")
def sweep_attachments(timestamp: int) -> dict[str, int]:
    """Every five minutes: delete the files of recalled messages, and what was uploaded and never sent."""
    return sweep_files()


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="messaging.forget_robot_pace")
def forget_robot_pace(timestamp: int) -> None:
    """Each hour: forget how many answers robots gave a day ago, and from where their visitors wrote."""
    robot_pace.forget_pace()
