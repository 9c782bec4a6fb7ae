"""Where a hub hears that something happened: PostgreSQL's NOTIFY, or Redis fed by the worker's relay."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Protocol

import psycopg
from django.conf import settings
from django.db import connection

from events import queries
from events.queries import Position
from events.services import ACCESS_CHANNEL, CHANNEL, WHISPER_CHANNEL

EVENTS, ACCESS, WHISPERS, ACKNOWLEDGED = CHANNEL, ACCESS_CHANNEL, WHISPER_CHANNEL, "inlay_heard"
HUB = "inlay-hub"  # the application_name of each hub's reading connection: see events.barrier
FOREIGN = {"context", "cursor_factory", "prepare_threshold", "client_encoding"}


class Source(Protocol):
    def __aiter__(self) -> AsyncIterator[tuple[str, str]]: ...
    async def acknowledge(self, word: str) -> None: ...


def parameters(name: str) -> dict:
    """Return libpq's parameters of the database, under an application name, for a connection outside
    Django."""
    if settings.DATABASE_DIRECT_URL:
        return {"conninfo": settings.DATABASE_DIRECT_URL, "application_name": name}
    django = connection.get_connection_params()
    return {key: value for key, value in django.items() if key not in FOREIGN} | {"application_name": name}


async def connect(name: str) -> psycopg.AsyncConnection:
    """Return an autocommit connection of its own, alive after short silences of the network."""
    return await psycopg.AsyncConnection.connect(
        **parameters(name), autocommit=True, prepare_threshold=0, keepalives_idle=30, keepalives_interval=5
    )


class PostgresSource:
    """LISTEN on one connection."""

    def __init__(self, listening: psycopg.AsyncConnection) -> None:
        self.listening = listening

    async def __aiter__(self) -> AsyncIterator[tuple[str, str]]:
        async for notice in self.listening.notifies():
            yield notice.channel, notice.payload

    async def acknowledge(self, word: str) -> None:
        await acknowledge(word)


class RedisSource:
    """Subscribe to what the worker's relay publishes."""

    def __init__(self, pubsub) -> None:
        self.pubsub = pubsub

    async def __aiter__(self) -> AsyncIterator[tuple[str, str]]:
        async for message in self.pubsub.listen():
            if message["type"] == "message":
                yield message["channel"].decode(), message["data"].decode()

    async def acknowledge(self, word: str) -> None:
        await acknowledge(word)


async def acknowledge(word: str) -> None:
    """Say that everything announced before `word` has been carried out here."""
    async with await connect("inlay-hub-answer") as speaking:
        await speaking.execute("SELECT pg_notify(%s, %s)", [ACKNOWLEDGED, word])


@asynccontextmanager
async def notices(*channels: str) -> AsyncIterator[Source]:
    """Yield what PostgreSQL announces on the channels."""
    async with await connect("inlay-listen") as listening:
        for channel in channels:
            await listening.execute(f"LISTEN {channel}")
        yield PostgresSource(listening)


@asynccontextmanager
async def relayed() -> AsyncIterator[Source]:
    """Yield what the worker's relay publishes of new events."""
    import redis.asyncio

    client = redis.asyncio.from_url(settings.REDIS_URL)
    async with client, client.pubsub() as pubsub:
        await pubsub.subscribe(EVENTS)
        yield RedisSource(pubsub)


def sources() -> list[Callable[[], AbstractAsyncContextManager[Source]]]:
    """Return how to open each source of this installation (REDIS_URL decides).

    Changes of rights always come straight from PostgreSQL: they are rare, and must not depend on a relay.
    Whispers, which nobody keeps, come the same way.
    """
    if settings.REDIS_URL:
        return [relayed, partial(notices, ACCESS, WHISPERS)]
    return [partial(notices, EVENTS, ACCESS, WHISPERS)]


class Reader:
    """Reads new events on the hub's own connection."""

    def __init__(self, reading: psycopg.AsyncConnection) -> None:
        self.reading = reading

    async def after(self, position: Position) -> list[tuple]:
        cursor = await self.reading.execute(
            queries.SELECT, [str(position.transaction), position.id, queries.SCANNED]
        )
        return await cursor.fetchall()

    async def head(self) -> Position:
        row = await (await self.reading.execute(queries.HEAD)).fetchone()
        return Position(int(row[0]), row[1]) if row else Position()


@asynccontextmanager
async def open_reader() -> AsyncIterator[Reader]:
    """Yield the hub's reader; jsonb stays text, for it goes out as it came in."""
    async with await connect(HUB) as reading:
        reading.adapters.register_loader("jsonb", psycopg.types.string.TextLoader)
        yield Reader(reading)
