"""Reading event streams in tests: many at once, over plain sockets, as a browser would."""

import asyncio
import json
import time
from urllib.parse import urlsplit

from django.db import connections


class StreamReader:
    """One open stream; `events` grow while it reads, those of type `only` where one is named."""

    def __init__(
        self,
        desk_url: str,
        token: str,
        *,
        last: str = "",
        only: str = "",
        cookie: str = "",
        path: str = "/api/events/stream",
    ) -> None:
        self.cookie, self.path = cookie, path
        self.url, self.token, self.last, self.only = urlsplit(desk_url), token, last, only
        self.events: list[dict] = []
        self.whispers: list[tuple[str, dict]] = []  # named messages, which are no events
        self.ended = ""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ended_at = 0.0

    async def open(self) -> "StreamReader":
        self.reader, self.writer = await asyncio.open_connection(self.url.hostname, self.url.port)
        head = [
            f"GET {self.path} HTTP/1.1",
            f"Host: {self.url.netloc}",
            f"Cookie: {self.cookie}" if self.cookie else f"Authorization: Bearer {self.token}",
        ]
        if self.last:
            head.append(f"Last-Event-ID: {self.last}")
        self.writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        raw = await self.reader.readuntil(b"\r\n\r\n")
        lines = raw.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        return self

    async def read(self, *, until: int = 10**9, seconds: float = 10) -> list[dict]:
        """Read until there are `until` events, the stream ends, or time is up; return the events."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.events) < until and not self.ended:
                    await self._message()
        except TimeoutError:
            pass
        return self.events

    async def _message(self) -> None:
        name = ""
        while line := (await self._line()).strip():
            field, _, value = line.partition(":")
            if field == "event":
                name = value.strip()
            elif field == "id":
                self.last = value.strip()
            elif field == "data" and name == "session_ended":
                self.ended = json.loads(value)["code"]
            elif field == "data" and name:
                self.whispers.append((name, json.loads(value)))
            elif field == "data":
                event = json.loads(value)
                if self.only in ("", event["type"]):
                    self.events.append(event)

    async def _line(self) -> str:
        """Return one line of the body, whatever the chunks."""
        while b"\n" not in self._buffer:
            size = int((await self.reader.readline()).strip() or b"0", 16)
            if size == 0:
                self.ended = self.ended or "closed"
                self.ended_at = time.monotonic()
                return ""
            self._buffer += await self.reader.readexactly(size)
            await self.reader.readline()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode()

    _buffer = b""

    def close(self) -> None:
        self.writer.close()


def settle() -> None:
    """Wait until the feed shows all that was recorded: transactions of any database of the cluster hold it
    back."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM events_event "
                "WHERE transaction >= pg_snapshot_xmin(pg_current_snapshot())"
            )
            if cursor.fetchone()[0] == 0:
                time.sleep(0.2)  # and the hub a moment to give it out
                return
        time.sleep(0.02)


def until(condition, seconds: float = 40) -> None:
    """Wait until something is true that comes about by itself."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It did not happen."
        time.sleep(0.05)


def listen(desk_url: str, token: str, during, *, until: int, seconds: float = 10, **options) -> StreamReader:
    """Open a stream, call `during` in a thread, read until enough events came; return the reader."""

    async def run() -> StreamReader:
        stream = await StreamReader(desk_url, token, **options).open()
        reading = asyncio.create_task(stream.read(until=until, seconds=seconds))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(with_own_connection, during)
        await reading
        stream.close()
        return stream

    return asyncio.run(run())


def with_own_connection(work) -> None:
    """Do something in a thread, and close the database connection that the thread opened."""
    try:
        work()
    finally:
        connections.close_all()
