"""The clock of conversations, in the worker: queues move on, silence ends, who is gone is missed."""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, close_old_connections

from messaging.services import routing, timers
from messaging.services.positions import Positions

log = logging.getLogger("inlay.timers")
PERIOD = 1.0  # seconds


def start() -> threading.Thread:
    """Run in a thread of its own, for as long as the process lives."""
    thread = threading.Thread(target=_run_forever, name="chat-timers", daemon=True)
    thread.start()
    return thread


def _run_forever() -> None:
    positions = Positions()
    steps = (routing.sweep, timers.overflow, positions.tell, timers.close_silent, timers.drop_absent)
    while True:
        for step in steps:
            try:
                step()
            except (DatabaseError, InterfaceError) as error:
                log.warning("%s failed and is tried again: %s", step.__qualname__, error)
            except Exception:  # noqa: BLE001 - one thing that goes wrong must not stop the others
                log.exception("%s failed", step.__qualname__)
        close_old_connections()
        time.sleep(PERIOD)
