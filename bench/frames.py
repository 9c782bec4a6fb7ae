"""What the product writes on a stream for one event: floors and peers write the same bytes."""

import re
import socket
import time
from collections.abc import Callable, Mapping

from bench import subjects
from bench.servers import Server

LINES = re.compile(rb"(?:^|\n)((?:(?:id|event|data|retry): ?[^\r\n]*\n)*)\n")


def one_frame(server: Server, headers: Mapping[str, str], publish: Callable[[], object]) -> str:
    """Let `publish` say something with a mark in it, and return the frame that arrives, its mark blank."""
    lines = [f"GET {subjects.STREAM} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", server.port), 10) as stream:
        stream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += stream.recv(65536)
        time.sleep(0.5)
        publish()
        while not (found := LINES.search(_from_mark(raw))):
            data = stream.recv(65536)
            if not data:
                raise RuntimeError(f"the stream ended: {raw[-500:]!r}")
            raw += data
    frame = found[1].decode() + "\n"
    return re.sub(r"bench:\d+:\d+:", "bench:0:0:", frame)


def _from_mark(raw: bytes) -> bytes:
    """Return what was received from the beginning of the frame with the mark on; b"" before it arrived."""
    mark = raw.find(b"bench:")
    if mark < 0 or b"\n\n" not in raw[mark:]:
        return b""
    start = max(raw.rfind(b"\r\n", 0, mark) + 2, raw.rfind(b"\n\n", 0, mark) + 2)
    return raw[start:]
