"""The hub: one listener and one reader per process turn each event into bytes once, for every stream that may
see it.

A stream is only a hint, the table is the truth: the hub is woken by NOTIFY (or by Redis), reads new rows in
commit order, and gives the same bytes to each subscriber with a channel in the event's audience. Design and
measurements: design.md, "Realtime is the changes feed, streamed".
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Protocol

import orjson
from django.conf import settings
from django.db import close_old_connections

from api.errors import Problem
from api.permissions import require
from api.rendering import dumps
from events import listening, queries, sources
from events.queries import Position

log = logging.getLogger("inlay.hub")

PENDING_LIMIT = 1_000_000  # bytes one slow reader may leave unread before it is cut off
AT_ONCE = 200_000  # bytes given to one stream before it gets a moment to write them
HEARTBEAT = 15.0  # seconds between comments that keep proxies from closing a quiet stream
SAFETY = 5.0  # seconds after which the table is read even if no wake-up came
PING = b": ping\n\n"


class Caller(Protocol):
    """What the hub needs to know of somebody: tokens.authentication.Caller is one."""

    user_id: Any
    present_as: Any  # the user whose presence its streams show, or None
    token_id: Any
    expires_at: Any

    def channels(self) -> frozenset[str]: ...
    def recheck(self) -> "Caller": ...


def encode(event: dict[str, Any]) -> bytes:
    """Return one event as a Server-Sent Events message (WHATWG HTML, section 9.2)."""
    return b"id: " + event["id"].encode() + b"\ndata: " + dumps(event) + b"\n\n"


class Subscriber:
    """One stream: what it may see, and the bytes that wait to be written.

    A bare future wakes it: with hundreds of streams an asyncio.Event each is a fifth of a delivery's cost.
    """

    __slots__ = ("caller", "channels", "closed", "expires", "pending", "size", "waiting")

    def __init__(self, caller: Caller) -> None:
        self.pending: list[bytes] = []
        self.size = 0
        self.waiting: asyncio.Future | None = None
        self.closed = ""  # the reason code, once the stream has to end
        self.judge(caller)

    def judge(self, caller: Caller) -> None:
        self.caller = caller
        self.channels = caller.channels()
        self.expires = caller.expires_at.timestamp() if caller.expires_at else None

    def give(self, message: bytes) -> None:
        self.pending.append(message)
        self.size += len(message)
        if self.size > PENDING_LIMIT:
            self.close("slow_reader")
        elif self.waiting is not None:
            self._wake()

    async def news(self) -> None:
        """Return once there is something to write, or the stream has to end."""
        if not self.pending and not self.closed:
            self.waiting = asyncio.get_running_loop().create_future()
            await self.waiting

    def take(self) -> bytes:
        """Return what waits, as one piece."""
        taken, self.pending, self.size = self.pending, [], 0
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def close(self, code: str) -> None:
        self.closed = self.closed or code
        self.pending, self.size = [], 0
        self._wake()

    def _wake(self) -> None:
        waiting, self.waiting = self.waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)


class Hub:
    """All streams of one process. Everything but `recheck` runs on one event loop."""

    def __init__(self, run_in_thread: Callable[..., Any]) -> None:
        self.run_in_thread = run_in_thread
        self.position = Position()
        self.subscribers: set[Subscriber] = set()
        self.by_channel: dict[str, set[Subscriber]] = defaultdict(set)
        self.by_word: dict[str, set[Subscriber]] = defaultdict(set)
        self.expected = 0  # the highest transaction that said it wrote an event
        self.moved: set[Any] = set()  # users whose streams began or ended since that was noted
        self.woken = asyncio.Event()
        self.catching_up = asyncio.Semaphore(2)  # threads that resuming streams may take from everybody else
        self.ready: asyncio.Future | None = None
        self.tasks: list[asyncio.Task] = []

    async def start(self) -> None:
        """Listen and find the head of the table, once per process; raises Problem `unavailable` if that
        fails."""
        if self.ready is None:
            self.ready = asyncio.get_running_loop().create_future()
            steps = [
                self._read(),
                self._tick(),
                self._note_presence(),
                *(self._listen(opening) for opening in sources.sources()),
            ]
            self.tasks = [asyncio.create_task(step) for step in steps]
        try:
            await asyncio.wait_for(asyncio.shield(self.ready), 10)
        except TimeoutError:
            raise Problem("unavailable", headers={"Retry-After": "2"}) from None

    async def stop(self) -> None:
        for subscriber in list(self.subscribers):
            subscriber.close("server_stopping")
        for task in self.tasks:
            task.cancel()

    def add(self, caller: Caller) -> tuple[Subscriber, Position]:
        """Enter a stream; return it and the place after which it is served live."""
        subscriber = Subscriber(caller)
        self.subscribers.add(subscriber)
        self.moved.add(caller.present_as)
        self._index(subscriber)
        return subscriber, self.position

    def remove(self, subscriber: Subscriber) -> None:
        self.subscribers.discard(subscriber)
        self.moved.add(subscriber.caller.present_as)
        self._unindex(subscriber)

    def _words(self, subscriber: Subscriber) -> list[str]:
        caller = subscriber.caller
        return [f"user:{caller.user_id}", f"token:{caller.token_id}"]

    def _index(self, subscriber: Subscriber) -> None:
        for channel in subscriber.channels:
            self.by_channel[channel].add(subscriber)
        for word in self._words(subscriber):
            self.by_word[word].add(subscriber)

    def _unindex(self, subscriber: Subscriber) -> None:
        for index, words in ((self.by_channel, subscriber.channels), (self.by_word, self._words(subscriber))):
            for word in words:
                index[word].discard(subscriber)
                if not index[word]:
                    del index[word]

    # Waking up

    async def _listen(self, opening: Callable) -> None:
        """Hear of events and changed rights for ever; after a gap in hearing, judge everybody again."""
        delay = 0.1
        while True:
            try:
                async with opening() as source:
                    if self.subscribers:
                        asyncio.create_task(self.judge(set(self.subscribers)))
                    self.woken.set()
                    delay = 0.1
                    async for channel, word in source:
                        await self._hear(source, channel, word)
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - any failure of the source means: connect again
                log.warning("stopped hearing events: %s; again in %.1f s", error, delay)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)

    async def _hear(self, source: "sources.Source", channel: str, word: str) -> None:
        if channel == sources.EVENTS:
            self.expected = max(self.expected, int(word))
            self.woken.set()
        elif channel == sources.WHISPERS:
            self._whisper(orjson.loads(word))
        elif word.startswith("ping:"):
            await source.acknowledge(word)
        else:
            await self.judge(set(self.by_word.get(word, ())))

    def _whisper(self, said: dict[str, Any]) -> None:
        """Give something unstored to who listens now: a named message without an id, so no place moves."""
        message = b"event: " + said["type"].encode() + b"\ndata: " + dumps(said["data"]) + b"\n\n"
        for subscriber in set().union(*(self.by_channel.get(each, ()) for each in said["audience"])):
            subscriber.give(message)

    async def judge(self, subscribers: set[Subscriber]) -> None:
        """Ask the one place of decision again for each stream; end those that may no longer listen."""
        for subscriber in subscribers:
            code = "session_ended"
            try:
                caller = await self.run_in_thread(recheck, subscriber.caller)
            except Problem as problem:
                code = problem.code
            except Exception:  # noqa: BLE001 - who cannot be judged may not listen
                log.exception("a stream could not be judged again")
            else:
                if subscriber in self.subscribers:
                    self._unindex(subscriber)
                    subscriber.judge(caller)
                    self._index(subscriber)
                continue
            self.remove(subscriber)
            subscriber.close(code)

    # Reading and giving out

    async def _read(self) -> None:
        """Read new rows whenever woken; while an older transaction hides rows we were told of, look again
        soon."""
        pause = SAFETY
        while True:
            try:
                async with sources.open_reader() as reader:
                    self.woken.set()
                    if self.ready and not self.ready.done():
                        self.position = await reader.head()
                        self.ready.set_result(None)
                    while True:
                        try:
                            await asyncio.wait_for(self.woken.wait(), pause)
                        except TimeoutError:
                            pass
                        self.woken.clear()
                        rows = await reader.after(self.position)
                        await self._give_out(rows)
                        if len(rows) == queries.SCANNED:
                            self.woken.set()
                        hidden = self.expected > self.position.transaction
                        pause = (
                            (min(pause * 2, 0.1) if pause < SAFETY else 0.002) if hidden else self._quiet()
                        )
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - any failure of the reader means: connect again
                log.warning("could not read events: %s", error)
                await asyncio.sleep(0.5)

    def _quiet(self) -> float:
        # With Redis the relay may miss a beat; the table never does.
        return 1.0 if settings.REDIS_URL else SAFETY

    async def _give_out(self, rows: list[tuple]) -> None:
        """Give each row's bytes to who may see it; of many bytes some at a time, so that readers can keep
        up."""
        given = 0
        for row in rows:
            if given > AT_ONCE:
                given = 0
                await asyncio.sleep(0.01)
            self.position = Position(int(row[0]), row[1])
            listeners: set[Subscriber] = set()
            for channel in row[-1]:
                listeners |= self.by_channel.get(channel, set())
            if listeners:
                message = encode(queries.shown(row))
                given += len(message)
                for subscriber in listeners:
                    subscriber.give(message)

    async def _tick(self) -> None:
        """Each second: end what expired; now and then a heartbeat, for who has nothing else to read."""
        beat = time.monotonic()
        while True:
            await asyncio.sleep(1)
            now = time.time()
            expired = {each for each in self.subscribers if each.expires is not None and each.expires <= now}
            if expired:
                await self.judge(expired)
            if time.monotonic() - beat >= HEARTBEAT:
                beat = time.monotonic()
                for subscriber in self.subscribers:
                    if not subscriber.pending:
                        subscriber.give(PING)

    async def _note_presence(self) -> None:
        """Note who listens here: each second who came or went, now and then all."""
        beat = -listening.BEAT
        while True:
            now, moved = time.monotonic(), self.moved
            if now - beat >= listening.BEAT:
                beat = now
                moved = moved | {each.caller.present_as for each in self.subscribers}
            elif not moved:
                await asyncio.sleep(1)
                continue
            self.moved = set()
            try:
                await self.run_in_thread(note_presence, moved - {None})
            except Exception as error:  # noqa: BLE001 - the next note says it all again
                log.warning("could not note who listens: %s", error)
            await asyncio.sleep(1)


def note_presence(user_ids: set[Any]) -> None:
    """Note who listens, in a thread, on a connection that is given back."""
    try:
        listening.note(user_ids)
    finally:
        close_old_connections()


def recheck(caller: Caller) -> Caller:
    """Judge a caller again, in a thread, on a connection that is given back."""
    try:
        judged = caller.recheck()
        require(judged, "events:read")
        return judged
    finally:
        close_old_connections()
