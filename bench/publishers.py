"""The processes that publish events at an even pace: the product's, the floor's, that of Channels."""

import asyncio
import os
import sys
import time
from collections.abc import Callable

from bench.calls import environ
from bench.child import answer

Publish = Callable[[str], None]


def floor() -> tuple[Publish, int]:
    """Return a function that sends a text by NOTIFY, and the backend's pid."""
    import psycopg

    connection = psycopg.connect(os.environ["BENCH_DSN"], autocommit=True)
    return lambda text: connection.execute(
        "SELECT pg_notify('bench_floor', %s)", [text]
    ), connection.info.backend_pid


def channels() -> tuple[Publish, int]:
    """Return a function that sends a text to the group all consumers are in."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.settings"
    import django

    django.setup()
    from channels.layers import get_channel_layer

    loop = asyncio.new_event_loop()
    layer = get_channel_layer()

    def publish(text: str) -> None:
        loop.run_until_complete(layer.group_send("bench", {"type": "bench.event", "text": text}))

    return publish, 0


def product() -> tuple[Publish, int]:
    """Return a function that records an event which the token's user may see, and the backend's pid."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.handlers.wsgi import WSGIRequest
    from django.db import connection, transaction
    from rest_framework.request import Request

    from events.services import record
    from tokens.authentication import DeskAuthentication

    asking = Request(WSGIRequest(environ({"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}"})))
    user, caller = DeskAuthentication().authenticate(asking)
    channel = min(caller.channels())

    def publish(text: str) -> None:
        data = {"title": text, "content": "x" * 300, "status": "open", "priority": "high", "tags": ["bench"]}
        with transaction.atomic():
            record("ticket.updated", object_id=user.pk, audience=[channel], actor=user, data=data)

    return publish, connection.connection.info.backend_pid


KINDS = {"product": product, "floor": floor, "channels": channels}


def main(kind: str) -> None:
    publish, backend = KINDS[kind]()

    def handle(order: dict) -> dict:
        # `text` holds "bench:0:0:" where the number and the moment of each event go.
        started = time.monotonic()
        for number in range(order["count"]):
            pause = started + number / order["rate"] - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            publish(order["text"].replace("bench:0:0:", f"bench:{number}:{time.monotonic_ns()}:"))
        return {"seconds": time.monotonic() - started}

    answer({"backend": backend}, handle)


if __name__ == "__main__":
    main(sys.argv[1])
