"""A hostile TCP proxy: it delays, cuts, doubles and reorders requests, and breaks streams in mid-message."""

import asyncio
import random
from collections import Counter
from contextlib import suppress

from bench.chaos.calls import BROKEN

# What happens to a request, and how often.
FATES = {
    "pass": 55,
    "delay": 11,
    "cut in the request": 6,
    "cut before the answer": 9,
    "cut in the answer": 5,
    "twice at once": 6,
    "again later": 5,  # after the sender's next messages
    "late": 3,  # the sender hears nothing and tries again; its first try arrives after that
}


class Proxy:
    """Forwards each connection's one request to the desk, in its way; while `calm`, it harms nothing."""

    def __init__(self, upstream: int, *, seed: int, stream_seconds: float) -> None:
        self.upstream = upstream
        self.chance = random.Random(seed)
        self.stream_seconds = stream_seconds  # how long a stream lives, on average
        self.calm = True
        self.fates: Counter[str] = Counter()
        self.tasks: set[asyncio.Task] = set()  # asyncio itself keeps none of them alive

    async def __aenter__(self) -> "Proxy":
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=4096)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _keep(self, task: asyncio.Task) -> None:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*BROKEN):
            request = await read_whole(reader)
            path = request.split(b" ", 2)[1]
            if path.endswith(b"/stream"):
                await self._stream(request, writer)
            else:
                await self._forward(request, writer)
        writer.close()

    async def _forward(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        fate = "pass" if self.calm else self.chance.choices(list(FATES), list(FATES.values()))[0]
        self.fates[fate] += 1
        if fate == "delay":
            await asyncio.sleep(self.chance.uniform(0.01, 0.4))
        elif fate == "cut in the request":
            await self._ask(request[: self.chance.randrange(len(request))], answered=False)
            return
        elif fate == "cut before the answer":
            await self._ask(request, answered=self.chance.random() < 0.5)
            return
        elif fate == "late":
            self._copy(request, self.chance.uniform(0.3, 3))
            return
        elif fate == "twice at once":
            self._copy(request, 0)
        elif fate == "again later":
            self._copy(request, self.chance.uniform(0.1, 3))
        answer = await self._ask(request)
        if fate == "cut in the answer":
            answer = answer[: self.chance.randrange(len(answer))]
        writer.write(answer)
        await writer.drain()

    def _copy(self, request: bytes, seconds: float) -> None:
        async def send() -> None:
            await asyncio.sleep(seconds)
            with suppress(*BROKEN):
                await self._ask(request)

        self._keep(asyncio.create_task(send()))

    async def _ask(self, request: bytes, *, answered: bool = True) -> bytes:
        """Send a request to the desk, whole or not; return the answer, or close before there is one."""
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
            try:
                writer.write(request)
                await writer.drain()
                return await read_whole(reader) if answered else b""
            finally:
                writer.transport.abort() if not answered else writer.close()

    async def _stream(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        """Pass a stream on, and cut it at some byte of it."""
        reader, desk = await asyncio.open_connection("127.0.0.1", self.upstream)
        until = asyncio.get_running_loop().time() + self.chance.expovariate(1 / self.stream_seconds)
        try:
            desk.write(request)
            while chunk := await reader.read(65536):
                if not self.calm and asyncio.get_running_loop().time() > until:
                    self.fates["stream cut"] += 1
                    writer.write(chunk[: self.chance.randrange(len(chunk))])
                    return
                writer.write(chunk)
                await writer.drain()
        finally:
            desk.close()


async def read_whole(reader: asyncio.StreamReader) -> bytes:
    """Return one whole request or answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    _, found, rest = head.lower().partition(b"\r\ncontent-length: ")
    return head + (await reader.readexactly(int(rest.partition(b"\r\n")[0])) if found else b"")
