"""Finds visitors whom a robot still owes an answer: a worker was killed over it, or a job was lost."""

import logging
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from messaging.models import Thread, ThreadState, ThreadType
from messaging.robots.answering import spoken, waiting
from messaging.robots.tasks import ask

log = logging.getLogger("inlay.robots")
EVERY = 15  # seconds
FIRST = 3  # seconds of silence, for what a worker left that is no more
OLDEST = timedelta(days=1)  # an answer to what was written before that would be a riddle
MOST = 200


def look_after(silent: float) -> int:
    """Have what waits for longer than `silent` seconds answered; return how many conversations that are."""
    now = timezone.now()
    found = Thread.objects.filter(
        type=ThreadType.ROBOT,
        state=ThreadState.OPEN,
        last_message_at__lt=now - timedelta(seconds=silent),
        last_message_at__gt=now - OLDEST,
    )
    # The oldest first, and only those whose visitor spoke last: busier ones must not hide who is owed.
    newest = spoken(OuterRef("pk")).order_by("-seq").values("visitor_id")[:1]
    found = found.annotate(asker=Subquery(newest)).filter(asker__isnull=False)
    owed = 0
    for thread_id in found.order_by("last_message_at").values_list("pk", flat=True)[:MOST]:
        if work := waiting(thread_id):
            ask(thread_id, work.seq, responder=work.robot.responder)
            owed += 1
    return owed


def start() -> threading.Thread:
    """Look after robots' conversations in a thread of its own, for as long as the worker lives."""
    thread = threading.Thread(target=_look_forever, name="robots", daemon=True)
    thread.start()
    return thread


def _look_forever() -> None:
    # A job at work is not disturbed; a second one would ask the responder twice, and store one answer.
    silent: float = FIRST
    while True:
        try:
            look_after(silent)
            silent = 2 * settings.ROBOT_OPENAI_TIMEOUT + EVERY
        except DatabaseError as error:
            log.warning("looking after robots failed: %s", error)
        except Exception:  # noqa: BLE001 - the worker's other work goes on; so must this
            log.exception("looking after robots failed")
        close_old_connections()
        time.sleep(EVERY)
