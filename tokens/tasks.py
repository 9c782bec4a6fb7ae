"""Background jobs of tokens, on the worker's timetable."""

from procrastinate.contrib.django import app

from tokens import services


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="tokens.expire")
def record_expired_tokens(timestamp: int) -> int:
    """Each minute: record the tokens whose time is over."""
    return services.expire_due()


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="tokens.notices")
def send_expiry_notices(timestamp: int) -> int:
    """Each hour: write to the users of tokens that end within 7 days, or within 1."""
    return services.send_expiry_notices()


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="tokens.idle")
def disable_idle_tokens(timestamp: int) -> int:
    """Each night: disable what nobody used for long."""
    return services.disable_idle()


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="tokens.clean_up")
def clean_up_tokens(timestamp: int) -> dict[str, int]:
    """Each hour: delete one-time tokens, sessions and counts that are long over."""
    return services.clean_up()
