"""The load client for lists: keep-alive connections that each ask again as soon as they are answered."""

import asyncio
import re
import time
from statistics import median

from bench.child import answer

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One connection: sends the request, waits for the whole answer, repeats while the run has work left."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.buffer = b""
        self.wanted = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        if self.run.left <= 0:
            self.transport.close()
            return
        self.run.left -= 1
        self.buffer, self.wanted = b"", -1
        self.started = time.perf_counter()
        self.transport.write(self.run.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.wanted < 0:
            head = self.buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            length = LENGTH.search(self.buffer, 0, head + 2)
            self.wanted = head + 4 + int(length[1]) if length else 0
        whole = len(self.buffer) >= self.wanted if self.wanted else self.buffer.endswith(b"\r\n0\r\n\r\n")
        if whole:
            self.run.answered(self.buffer, time.perf_counter() - self.started)
            self._send()

    def connection_lost(self, exception: Exception | None) -> None:
        self.run.closed()


class Run:
    """One burst: so many requests over so many connections."""

    def __init__(self, request: bytes, count: int, connections: int) -> None:
        self.request = request
        self.left = count
        self.open = connections
        self.times: list[float] = []
        self.bad = b""
        self.last = b""
        self.done = asyncio.get_running_loop().create_future()

    def answered(self, raw: bytes, seconds: float) -> None:
        self.times.append(seconds)
        if raw[9:12] != b"200":
            self.bad = self.bad or raw
            self.left = 0
        self.last = raw

    def closed(self) -> None:
        self.open -= 1
        if not self.open and not self.done.done():
            self.done.set_result(None)


async def burst(order: dict) -> dict:
    """Run one burst and return requests per second, the median latency and the last body."""
    lines = [f"GET {order['path']} HTTP/1.1", f"Host: 127.0.0.1:{order['port']}"]
    lines += [f"{name}: {value}" for name, value in order.get("headers", {}).items()]
    run = Run(("\r\n".join(lines) + "\r\n\r\n").encode(), order["count"], order["connections"])
    started = time.perf_counter()
    for _ in range(order["connections"]):
        await asyncio.get_running_loop().create_connection(
            lambda: Connection(run), "127.0.0.1", order["port"]
        )
    await run.done
    seconds = time.perf_counter() - started
    if run.bad or len(run.times) < order["count"]:
        raise RuntimeError(f"{len(run.times)} of {order['count']} answered; {run.bad[:600]!r}")
    reply = {"rps": len(run.times) / seconds, "median": median(run.times)}
    if order.get("body"):
        reply["body"] = run.last.partition(b"\r\n\r\n")[2].decode()
    return reply


if __name__ == "__main__":
    answer({"ready": True}, lambda order: asyncio.run(burst(order)))
