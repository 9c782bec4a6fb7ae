"""The load client for event streams: opens hundreds of them, and counts and times every delivery."""

import asyncio
import base64
import json
import re
import sys
import time

# Each event carries its number and the moment of its publication, by this machine's monotonic clock.
MARK = re.compile(rb"bench:(\d+):(\d+):")


class Stream(asyncio.Protocol):
    """One subscriber: remembers which events arrived, in which order and how late."""

    def __init__(self, client: "Client") -> None:
        self.client = client
        self.buffer = b""
        self.ready = asyncio.get_running_loop().create_future()
        self.last = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.client.request)

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        self.buffer += data
        if not self.ready.done():
            if b"\r\n\r\n" not in self.buffer:
                return
            if self.buffer[9:12] not in (b"200", b"101"):
                self.ready.set_exception(RuntimeError(f"stream refused: {self.buffer[:400]!r}"))
                return
            self.ready.set_result(None)
        position = 0
        for mark in MARK.finditer(self.buffer):
            position = mark.end()
            self.client.deliver(self, int(mark[1]), int(mark[2]), now)
        # What may be the beginning of the next mark is kept; a mark is shorter than 64 bytes.
        self.buffer = self.buffer[max(position, len(self.buffer) - 64) :]

    def connection_lost(self, exception: Exception | None) -> None:
        self.client.closed += 1
        if not self.ready.done():
            self.ready.set_exception(RuntimeError("stream closed at once"))


class Client:
    """All streams of this process, and the tally of the current run."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.closed = 0
        self._reset()

    def _reset(self) -> None:
        self.late: list[int] = []
        self.wrong = 0
        self.first_sent = self.last_seen = 0
        for stream in self.streams:
            stream.last = -1

    def deliver(self, stream: Stream, number: int, sent: int, seen: int) -> None:
        if number <= stream.last:
            self.wrong += 1  # twice, or out of order
            return
        stream.last = number
        self.late.append(seen - sent)
        self.first_sent = min(self.first_sent or sent, sent)
        self.last_seen = seen

    async def handle(self, order: dict) -> dict:
        """open: add streams · reset: a new tally · wait: until all arrived or nothing more comes."""
        return await getattr(self, "do_" + order.pop("do"))(**order)

    async def do_open(self, *, port: int, path: str, headers: dict, count: int, at_once: int = 50) -> dict:
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if headers.get("Upgrade"):
            lines.append("Sec-WebSocket-Key: " + base64.b64encode(b"sixteen bytes ok").decode())
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        loop = asyncio.get_running_loop()
        started = time.monotonic()
        for start in range(0, count, at_once):
            opening = [
                loop.create_connection(lambda: Stream(self), "127.0.0.1", port)
                for _ in range(min(at_once, count - start))
            ]
            batch = [stream for _, stream in await asyncio.gather(*opening)]
            await asyncio.wait_for(asyncio.gather(*(stream.ready for stream in batch)), 60)
            self.streams += batch
        return {"open": len(self.streams), "seconds": time.monotonic() - started}

    async def do_reset(self) -> dict:
        self._reset()
        return {"open": len(self.streams) - self.closed}

    async def do_wait(self, *, events: int, timeout: float = 30) -> dict:
        expected = events * len(self.streams)
        quiet = time.monotonic()
        seen = len(self.late)
        while len(self.late) < expected and time.monotonic() - quiet < timeout:
            await asyncio.sleep(0.02)
            if len(self.late) != seen:
                quiet, seen = time.monotonic(), len(self.late)
        late = sorted(self.late) or [0]
        return {
            "delivered": len(self.late),
            "lost": expected - len(self.late),
            "wrong": self.wrong,
            "median_ms": late[len(late) // 2] / 1e6,
            "p99_ms": late[int(len(late) * 0.99)] / 1e6,
            "seconds": (self.last_seen - self.first_sent) / 1e9,
        }

    async def do_close(self) -> dict:
        for stream in self.streams:
            stream.transport.abort()
        await asyncio.sleep(0.2)
        self.streams, self.closed = [], 0
        return {"open": 0}


def main() -> None:
    loop = asyncio.new_event_loop()
    client = Client()

    async def serve() -> None:
        print(json.dumps({"ready": True}), flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            try:
                reply = await client.handle(json.loads(line))
            except Exception as error:  # noqa: BLE001 - the parent must hear of it, whatever it is
                reply = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(reply), flush=True)

    loop.run_until_complete(serve())


if __name__ == "__main__":
    main()
