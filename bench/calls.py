"""Counts the CPU of an authentication step called in process, with real requests, on the real database."""

import time
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import psutil


def environ(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the WSGI environment of a GET of the ticket list with some headers."""
    named = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/api/tickets/list",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_USER_AGENT": "bench",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        **named,
    }


def measure(authenticate: Callable[[Any], Any], headers: Mapping[str, str], count: int) -> dict[str, float]:
    """Call `authenticate` with `count` fresh DRF requests; return the CPU in microseconds a call.

    The CPU is that of this process and of the PostgreSQL backend of its connection. Making the requests is
    not counted. Raises RuntimeError when one call does not find the user.
    """
    from django.core.handlers.wsgi import WSGIRequest
    from django.db import connection
    from rest_framework.request import Request

    template = environ(headers)
    requests = [Request(WSGIRequest(dict(template))) for _ in range(count)]
    connection.ensure_connection()
    backend = psutil.Process(connection.connection.info.backend_pid)
    before = backend.cpu_times()
    started = time.process_time()
    found = [authenticate(request) for request in requests]
    own = time.process_time() - started
    after = backend.cpu_times()
    if not all(found):
        raise RuntimeError("a call did not authenticate")
    database = after.user + after.system - before.user - before.system
    return {"python": own / count * 1e6, "database": database / count * 1e6}
