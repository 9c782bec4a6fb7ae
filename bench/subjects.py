"""The servers that are measured, each on one database: the product in both modes, the floors, the peers."""

import subprocess
import sys
from contextlib import ExitStack

from bench.prepared import Prepared
from bench.servers import Server, free_port, granian

LIST = "/api/tickets/list"
STREAM = "/api/events/stream"


def ours(prepared: Prepared, database: str) -> Server:
    """The product as `manage.py serve` starts it, with one worker process."""
    port = free_port()
    command = [
        sys.executable,
        "manage.py",
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    return _server(prepared, database, command, port, ready="/healthz")


def ours_wsgi(prepared: Prepared, database: str) -> Server:
    """The product's HTTP part alone, under Granian WSGI."""
    port = free_port()
    return _server(
        prepared, database, granian("config.wsgi:application", "wsgi", port), port, ready="/healthz"
    )


def drf(prepared: Prepared, database: str) -> Server:
    """The tuned DRF list under Granian WSGI, its fastest server."""
    port = free_port()
    return _server(
        prepared, database, granian("bench.peers.wsgi:application", "wsgi", port), port, ready=LIST
    )


def list_floor(prepared: Prepared, database: str) -> Server:
    """The bare ASGI server of the list."""
    port = free_port()
    return _server(prepared, database, granian("bench.floors.list50:app", "asgi", port), port, ready=LIST)


def stream_floor(prepared: Prepared, database: str) -> Server:
    """The bare ASGI server of the event stream."""
    port = free_port()
    return _server(prepared, database, granian("bench.floors.stream:app", "asgi", port), port)


def message_floor(prepared: Prepared, database: str, frame: str) -> Server:
    """The bare ASGI server of messages; `frame` is the file with what it writes to its streams."""
    port = free_port()
    command = granian("bench.floors.messages:app", "asgi", port)
    return _server(prepared, database, command, port, BENCH_FRAME=frame)


def channels(prepared: Prepared, database: str, stack: ExitStack) -> tuple[Server, dict[str, str]]:
    """Channels on its Redis pub/sub layer, with the environment of its publisher; Redis counts as server."""
    redis_port, port = free_port(), free_port()
    command = [
        "redis-server",
        "--port",
        str(redis_port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    redis = subprocess.Popen(command, cwd=prepared.folder, stdout=subprocess.DEVNULL)
    stack.callback(_end, redis)
    env = prepared.env(database, BENCH_REDIS_URL=f"redis://127.0.0.1:{redis_port}/0")
    app = granian("bench.peers.channels_app:application", "asgi", port)
    cluster = prepared.cluster
    server = Server(app, env, port=port, postmaster=cluster.postmaster, database=database, also=(redis.pid,))
    return stack.enter_context(server), env


def _server(
    prepared: Prepared, database: str, command: list[str], port: int, ready: str = "", **more: str
) -> Server:
    postmaster = prepared.cluster.postmaster
    env = prepared.env(database, PORT=str(port), **more)
    return Server(command, env, port=port, postmaster=postmaster, database=database, ready=ready)


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait(10)
