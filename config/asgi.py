"""The ASGI application: Django in threads for everything, and the hub for what becomes a stream.

Django decides about a stream like about any other request; its view then leaves a takeover in the WSGI
environment, and the loop serves it from there. So authentication, CORS, errors and the request id have one
implementation.
"""

import asyncio
import gc
import os
import sys
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings

from api.middleware import REFUSED_BODY
from api.uploads import BODY_LIMIT
from config.proxies import ForwardedHeaders
from config.threads import Threads
from config.uploads import Places, may_be_somebody
from config.wsgi import application as django
from events.hub import Hub
from events.views import TAKEOVER

THREADS = int(os.environ.get("THREADS") or 8)
BODY_TIMEOUT = 30.0  # seconds a client may take to send its body
SLOWEST = 32 * 1024  # bytes a second of a file's upload, after those seconds


class Application:
    """Bridges ASGI to Django's WSGI handler with one hop to a thread per request."""

    def __init__(self) -> None:
        self.run = Threads(THREADS).run
        self.hub: Hub | None = None
        self.places = Places(
            settings.UPLOADS_AT_ONCE
        )  # each a megabyte of memory at most, and a spooled file
        self.proxies = ForwardedHeaders(django)

    async def __call__(self, scope: dict, receive, send) -> None:
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def http(self, scope: dict, receive, send) -> None:
        if scope["path"] in settings.UPLOAD_PATHS:
            await self.upload(scope, receive, send)
            return
        body, refusal = await read_body(scope, receive)
        await self.answer(scope, receive, send, BytesIO(body), len(body), refusal)

    async def upload(self, scope: dict, receive, send) -> None:
        """Read a file to disk, of so many at a time, then answer like any other request."""
        environ = build_environ(scope, BytesIO(), 0)
        self.proxies.judge(environ)
        address = environ["REMOTE_ADDR"]
        if not may_be_somebody(environ):
            await self.answer(scope, receive, send, BytesIO(), 0, "")  # nobody's: refused without its file
            await drain(receive)
            return
        if not self.places.take(address):
            await self.answer(scope, receive, send, BytesIO(), 0, "uploads_busy")
            return
        try:
            with SpooledTemporaryFile(
                settings.FILE_UPLOAD_MAX_MEMORY_SIZE, dir=settings.FILE_UPLOAD_TEMP_DIR
            ) as spool:
                refusal = await fill(spool, scope, receive, BODY_LIMIT, slowest=SLOWEST)
                size = spool.tell()
                spool.seek(0)
                await self.answer(scope, receive, send, spool, size, refusal)
        finally:
            self.places.give_back(address)

    async def answer(self, scope: dict, receive, send, body: BinaryIO, size: int, refusal: str) -> None:
        environ = build_environ(scope, body, size)
        environ[REFUSED_BODY] = refusal
        start, chunks = await self.run(respond, environ)
        takeover = environ[TAKEOVER]
        if takeover is not None:
            await self.take_over(takeover, receive, send, start)
            return
        await send(start)
        if isinstance(chunks, bytes):
            await send({"type": "http.response.body", "body": chunks})
        else:
            try:
                while chunk := await self.run(next, chunks, None):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            finally:
                await self.run(chunks.close)
            await send({"type": "http.response.body", "body": b""})
        if refusal:
            await drain(receive)

    async def take_over(self, takeover, receive, send, start: dict) -> None:
        self.hub = self.hub or Hub(self.run)
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        serving = asyncio.ensure_future(takeover.serve(self.hub, send, start | {"headers": headers}))
        leaving = asyncio.ensure_future(disconnected(receive))
        try:
            await asyncio.wait({serving, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            serving.cancel()
            await asyncio.gather(serving, leaving, return_exceptions=True)

    async def lifespan(self, receive, send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                if self.hub:
                    await self.hub.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def disconnected(receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def read_body(scope: dict, receive) -> tuple[bytes, str]:
    """Return the whole body and "", or nothing and why: larger than its endpoint takes, or too slow to
    arrive.

    Read here, not in a thread: a thousand clients that drip their bodies hold a thousand small buffers, no
    thread.
    """
    body = BytesIO()
    refusal = await fill(body, scope, receive, settings.API_BODY_LIMIT)
    return (b"" if refusal else body.getvalue()), refusal


async def fill(body: BinaryIO, scope: dict, receive, longest: int, *, slowest: int = 0) -> str:
    """Write the whole body and return "", or the reason why it is refused.

    It may take BODY_TIMEOUT seconds; with `slowest` (bytes a second) longer by what has come is worth.
    """
    length = next((value for name, value in scope["headers"] if name == b"content-length"), None)
    if length is None and scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return ""
    if length is not None and (not length.isdigit() or int(length) > longest):
        return "body_too_large"
    size, until = 0, asyncio.get_running_loop().time() + BODY_TIMEOUT
    while True:
        try:
            async with asyncio.timeout_at(until + (size / slowest if slowest else 0)):
                message = await receive()
        except TimeoutError:
            return "bad_request"
        if message["type"] != "http.request":
            return "bad_request"
        part = message.get("body", b"")
        size += len(part)
        if size > longest:
            return "body_too_large"
        body.write(part)
        if not message.get("more_body"):
            return ""


async def drain(receive) -> None:
    """Read away what a refused client still sends, for a while: it reads its answer only then."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            while (message := await receive())["type"] == "http.request" and message.get("more_body"):
                pass
    except TimeoutError:
        pass


def build_environ(scope: dict, body: BinaryIO, size: int) -> dict:
    """Return the WSGI environment (PEP 3333) of an ASGI scope; repeated headers are joined (RFC 9110 5.3)."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    query = scope["query_string"].decode("latin1")
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin1"),
        "QUERY_STRING": query
        if query.isascii()
        else quote(query.encode("latin1"), safe="%&=+;/?:@!$'()*,~-._"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": str(client[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        TAKEOVER: None,
    }
    if size:
        environ["CONTENT_LENGTH"] = str(size)  # one that came in chunks has no header that says so
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin1"), raw_value.decode("latin1")
        if name == "content-length":
            environ["CONTENT_LENGTH"] = value
        elif name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif "_" not in name:
            key = "HTTP_" + name.upper().replace("-", "_")
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def respond(environ: dict) -> tuple[dict, "bytes | StreamedBody"]:
    """Run Django; return ASGI's response start, and the body: bytes, or an iterator when it is streamed."""
    started: list = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info=None):
        started[:] = [int(status[:3]), [(n.lower().encode("latin1"), v.encode("latin1")) for n, v in headers]]

    response = django(environ, start_response)
    start = {"type": "http.response.start", "status": started[0], "headers": started[1]}
    if getattr(response, "streaming", False):
        return start, StreamedBody(response)
    try:
        return start, b"".join(response)
    finally:
        response.close()


class StreamedBody:
    """A streamed response, pulled chunk by chunk from the event loop's side."""

    def __init__(self, response) -> None:
        self.response, self.chunks = response, iter(response)

    def __next__(self) -> bytes:
        for chunk in self.chunks:
            if chunk:
                return chunk
        raise StopIteration

    def __iter__(self):
        return self

    def close(self) -> None:
        self.response.close()


application = Application()
gc.freeze()  # what is loaded now stays: collections of garbage need not look at it again
gc.set_threshold(
    20_000, 20, 20
)  # a page of a list is some 700 objects, which is Python's default: no garbage
