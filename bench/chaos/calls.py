"""Calling the desk over raw connections: a request, and a stream of Server-Sent Events that may break."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

BROKEN = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, EOFError)


@dataclass(frozen=True)
class Door:
    """Where to knock, and what to show: a port of this machine and the headers of one caller."""

    port: int
    bearer: str

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = {}) -> bytes:
        """Return the bytes of one request."""
        raw = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Authorization: {self.bearer}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if raw:
            lines += ["Content-Type: application/json", f"Content-Length: {len(raw)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + raw

    async def call(self, method: str, path: str, body: Any = None, patience: float = 5) -> tuple[int, Any]:
        """Return status and JSON of one call. Raises one of BROKEN when no whole answer came."""
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(self.request(method, path, body))
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
                return int(head[9:12]), json.loads(await reader.readexactly(length))
            finally:
                writer.close()

    async def stream(self, path: str, last: str = "") -> AsyncIterator[tuple[str, dict | None]]:
        """Yield each whole message of a stream as its id and its event (None: a comment or the first id).

        Raises one of BROKEN when the stream breaks: what had not come whole is then not yielded.
        """
        resume = {"Last-Event-ID": last} if last else {}
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(self.request("GET", path, headers=resume))
            head = await reader.readuntil(b"\r\n\r\n")
            if head[9:12] != b"200":
                raise EOFError(head[:40])
            pending = b""
            while True:
                size = int((await reader.readuntil(b"\r\n")).strip(), 16)
                if not size:
                    raise EOFError("the stream ended")
                pending += (await reader.readexactly(size + 2))[:-2]
                *whole, pending = pending.split(b"\n\n")
                for message in whole:
                    yield read_message(message)
        finally:
            writer.close()
            with suppress(*BROKEN):
                await writer.wait_closed()


def read_message(message: bytes) -> tuple[str, dict | None]:
    """Return id and event of one message (WHATWG HTML, 9.2); whispers have neither."""
    fields = dict(line.partition(b": ")[::2] for line in message.split(b"\n"))
    named = b"event" in fields
    event = json.loads(fields[b"data"]) if b"data" in fields and not named else None
    return fields.get(b"id", b"").decode(), event
