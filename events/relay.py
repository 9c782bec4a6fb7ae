"""With REDIS_URL: one process hears of new events from PostgreSQL and publishes that, so that a fleet of hubs
need not
listen.

Run by the worker. An advisory lock lets one worker relay and the others stand by; what is lost while nobody
relays the hubs read from the table within a second.
"""

import logging
import threading
import time

import psycopg
import redis
from django.conf import settings

from events.sources import EVENTS, parameters

log = logging.getLogger("inlay.relay")
LOCK = 7_254_019  # of pg_advisory_lock: any number nobody else of this database uses


def start() -> threading.Thread:
    """Relay in a thread of its own, for as long as the process lives."""
    thread = threading.Thread(target=relay_forever, name="redis-relay", daemon=True)
    thread.start()
    return thread


def relay_forever() -> None:
    """Relay, and start again after whatever went wrong."""
    while True:
        try:
            relay()
        except (psycopg.Error, redis.RedisError, OSError) as error:
            log.warning("relaying stopped: %s", error)
            time.sleep(1)


def relay() -> None:
    """Publish every wake-up until a connection breaks."""
    with (
        psycopg.connect(**parameters("inlay-relay"), autocommit=True) as listening,
        redis.from_url(settings.REDIS_URL) as publishing,
    ):
        listening.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        listening.execute(f"LISTEN {EVENTS}")
        for notice in listening.notifies():
            publishing.publish(notice.channel, notice.payload)
