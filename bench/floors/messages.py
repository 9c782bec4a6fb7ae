"""Floor of messaging: a bare ASGI server that stores a message, NOTIFYs its bytes, and writes them to every
open stream.

No token, no permission, no number counted by the database, no event, no catching up: what remains is the
INSERT of the row the product stores, and the delivery of the bytes the product delivers. As in the list's
floor, a connection that blocks the loop for the length of a statement: the cheapest there is.
"""

import asyncio
import os
import uuid
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import orjson
import psycopg

DSN = os.environ["BENCH_DSN"]
STREAM = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
JSON = [(b"content-type", b"application/json")]
SEND = b"""
    WITH stored AS (
        INSERT INTO messaging_message
            (id, thread_id, seq, client_id, type, visibility, content, user_id, created_at)
        VALUES (%s, %s, %s, %s, 'text', 'public', %s, %s, %s) RETURNING id
    ) SELECT pg_notify('bench_messages', %s) FROM stored"""
# One event of the product, cut where the message's text is.
BEFORE, _, AFTER = Path(os.environ["BENCH_FRAME"]).read_text().partition("bench:0:0:")

writing = psycopg.connect(DSN, autocommit=True, prepare_threshold=0)
USER = writing.execute("SELECT id FROM accounts_user WHERE username = 'bench'").fetchone()[0]
NUMBERS = count(1 + writing.execute("SELECT max(seq) FROM messaging_message").fetchone()[0])
streams: set = set()
listener: list[asyncio.Task] = []


async def listen() -> None:
    """Hand every payload of the channel, as it is, to all streams."""
    connection = await psycopg.AsyncConnection.connect(DSN, autocommit=True)
    await connection.execute("LISTEN bench_messages")
    async for notification in connection.notifies():
        message = {"type": "http.response.body", "body": notification.payload.encode(), "more_body": True}
        for send in list(streams):
            await send(message)


async def app(scope, receive, send) -> None:
    """Open a stream and keep it until the client goes; or store a message."""
    if scope["type"] != "http":
        return
    if scope["method"] == "POST":
        await post(receive, send)
        return
    if not listener:
        listener.append(asyncio.create_task(listen()))
    await send({"type": "http.response.start", "status": 200, "headers": STREAM})
    await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
    streams.add(send)
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    finally:
        streams.discard(send)


async def post(receive, send) -> None:
    """Store what came and tell the streams; answer with the id."""
    given = orjson.loads((await receive())["body"])
    message_id, content = uuid.uuid4(), given["content"]
    row = [message_id, given["thread"], next(NUMBERS), given["clientId"], content, USER, datetime.now(UTC)]
    writing.execute(SEND, [*row, BEFORE + content + AFTER])
    body = orjson.dumps({"id": message_id, "content": content})
    headers = [*JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
