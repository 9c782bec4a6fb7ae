"""Floor of the event stream: a bare ASGI server that LISTENs and writes each payload to every open stream.

No token, no visibility, no catching up, no slow reader: what remains is what the delivery itself costs.
"""

import asyncio
import os

import psycopg

HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
streams: set = set()
listener: list[asyncio.Task] = []


async def listen() -> None:
    """Hand every payload of the channel, as it is, to all streams."""
    connection = await psycopg.AsyncConnection.connect(os.environ["BENCH_DSN"], autocommit=True)
    await connection.execute("LISTEN bench_floor")
    async for notification in connection.notifies():
        message = {"type": "http.response.body", "body": notification.payload.encode(), "more_body": True}
        for send in list(streams):
            await send(message)


async def app(scope, receive, send) -> None:
    """Open a stream and keep it until the client goes."""
    if scope["type"] != "http":
        return
    if not listener:
        listener.append(asyncio.create_task(listen()))
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
    streams.add(send)
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    finally:
        streams.discard(send)
