"""The load client that posts messages: at an even pace, or as fast as they are answered."""

import asyncio
import json
import time
from statistics import median
from typing import Any

from bench.child import answer


class Poster:
    """One keep-alive connection that posts one message after the other."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.times: list[float] = []

    async def run(self, numbers: range, thread: str, rate: float) -> None:
        """Post a message for each number; `rate` a second, 0: as fast as they are answered."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.order["port"])
        started = time.monotonic()
        for sent, number in enumerate(numbers):
            if rate:
                await asyncio.sleep(started + sent / rate - time.monotonic())
            await self._post(number, thread)
        self.writer.close()

    async def _post(self, number: int, thread: str) -> None:
        now = time.monotonic_ns()
        text = self.order["text"].replace("bench:0:0:", f"bench:{number}:{now}:")
        body = json.dumps({"thread": thread, "content": text, "clientId": f"{number}-{now}"}).encode()
        head = [f"POST {self.order['path']} HTTP/1.1", f"Host: 127.0.0.1:{self.order['port']}"]
        head += [f"{name}: {value}" for name, value in self.order.get("headers", {}).items()]
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.writer.write(("\r\n".join(head) + "\r\n\r\n").encode() + body)
        answered = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answered.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
        answer = await self.reader.readexactly(length)
        if answered[9:12] != b"200":
            raise RuntimeError(f"a message was refused: {answered[:40]!r} {answer[:400]!r}")
        self.times.append((time.monotonic_ns() - now) / 1e6)


async def post(order: dict[str, Any]) -> dict[str, float]:
    """Post `count` messages, to one thread a connection; return messages a second and the median's ms."""
    threads, rate, total = order["threads"], order.get("rate", 0), order["count"]
    posters = [Poster(order) for _ in threads]
    shares = [range(first, total, len(threads)) for first in range(len(threads))]
    started = time.monotonic()
    await asyncio.gather(
        *(poster.run(*given, rate) for poster, *given in zip(posters, shares, threads, strict=True))
    )
    times = [each for poster in posters for each in poster.times]
    return {"rps": total / (time.monotonic() - started), "median_ms": median(times)}


if __name__ == "__main__":
    answer({"ready": True}, lambda order: asyncio.run(post(order)))
