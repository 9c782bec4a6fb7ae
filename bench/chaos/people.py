"""Who takes part: senders that repeat until they are answered, and readers that only ever resume."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bench.chaos.calls import BROKEN, Door

PATIENCE = 600.0  # seconds in which a message must be acknowledged, kills of the desk and all


class Sender:
    """One side of one conversation: sends numbered messages in order, each until it is acknowledged."""

    def __init__(self, door: Door, path: str, body: dict[str, Any], name: str, *, notes: bool) -> None:
        self.door, self.path, self.body, self.name, self.notes = door, path, body, name, notes
        self.chance = random.Random(name)
        self.acknowledged: list[tuple[str, str, int]] = []  # client id, id, seq
        self.tries = 0
        self.heard: Callable[[dict], None] = lambda message: None

    async def talk(self, count: int, pause: float, until: float) -> None:
        """Send `count` messages, at most one each `pause` seconds, and none after a time of the loop."""
        for number in range(count):
            start = asyncio.get_running_loop().time()
            if start > until:
                return
            await self.send(f"{self.name}-{number}")
            await asyncio.sleep(max(0, start + pause - asyncio.get_running_loop().time()))

    async def send(self, client_id: str) -> dict[str, Any]:
        """Send one message until it is acknowledged, and note what was said of it."""
        body = self.body | {"content": f"Message {client_id}", "clientId": client_id}
        if self.notes and self.chance.random() < 0.1:
            body["visibility"] = "internal"
        until = asyncio.get_running_loop().time() + PATIENCE
        patience = 5.0
        while asyncio.get_running_loop().time() < until:
            self.tries += 1
            with suppress(*BROKEN):
                status, stored = await self.door.call("POST", self.path, body, patience)
                if status == 200:
                    self.acknowledged.append((client_id, stored["id"], stored["seq"]))
                    self.heard(stored)
                    return stored
                if status not in (429, 503):
                    raise AssertionError(f"{client_id}: {status} {stored}")
            await asyncio.sleep(self.chance.uniform(0.02, 0.3))
            patience = min(patience * 1.5, 60)  # who repeats too soon only makes a busy desk busier
        raise AssertionError(f"{client_id} was never acknowledged")


@dataclass
class AgentReader:
    """An agent's screen: one stream, resumed by Last-Event-ID; it asks for nothing else, ever."""

    door: Door
    last: str = ""
    messages: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # by thread: seq, client id
    wrong: list[str] = field(default_factory=list)
    out_of_turn: int = 0  # events come in commit order, messages are shown by seq: these had to be moved
    reopened: int = -1
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Read for ever."""
        while True:
            self.reopened += 1
            with suppress(*BROKEN):
                async for place, event in self.door.stream("/api/events/stream", self.last):
                    self._take(place, event)
            await asyncio.sleep(0.1)

    def _take(self, place: str, event: dict | None) -> None:
        if event is not None:
            if _order(place) <= _order(self.last):
                self.wrong.append(f"event {place} came after {self.last}")
            if event["type"] == "message.created":
                data = event["data"]
                before = self.messages.setdefault(data["thread"], [])
                self.out_of_turn += bool(before) and before[-1][0] > data["seq"]
                before.append((data["seq"], data["clientId"]))
        if place:
            self.last = place
            self.ready.set()

    def read_of(self, thread: str) -> list[tuple[int, str]]:
        """Return what this screen shows of a thread: each message in its place."""
        return sorted(self.messages.get(thread, []))


@dataclass
class VisitorReader:
    """The chat page: its stream says what is new, and whenever it opens, the page asks for what it missed.

    As static/chat/chat.js does: `known` is the seq up to which nothing is missing.
    """

    door: Door
    messages: dict[str, tuple[int, str]] = field(default_factory=dict)  # by id
    known: int = 0
    wrong: list[str] = field(default_factory=list)
    reopened: int = -1
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Read for ever."""
        while True:
            self.reopened += 1
            with suppress(*BROKEN):
                async for _, event in self.door.stream("/api/chat/stream"):
                    if event is None:
                        await self._catch_up()
                        self.ready.set()
                    elif event["type"] == "message.created":
                        self.merge(event["data"])
            await asyncio.sleep(0.1)

    async def _catch_up(self) -> None:
        while True:
            status, found = await self.door.call("GET", f"/api/chat/messages?after={self.known}&limit=50")
            if status != 200:
                raise EOFError(status)
            for message in found:
                self.merge(message)
            if found:
                self.known = max(self.known, found[-1]["seq"])
            if len(found) < 50:
                return

    def merge(self, message: dict) -> None:
        """Take a message, its own ones too; a second time changes nothing."""
        if message.get("visibility", "public") != "public":
            self.wrong.append(f"a note reached the visitor: {message}")
        self.messages[message["id"]] = message["seq"], message["clientId"]
        if message["seq"] == self.known + 1:
            self.known += 1

    def read_of(self, thread: str) -> list[tuple[int, str]]:
        """Return what this page shows."""
        return sorted(self.messages.values())


def _order(place: str) -> tuple[int, ...]:
    return tuple(int(part) for part in place.split("-")) if place else (0,)
