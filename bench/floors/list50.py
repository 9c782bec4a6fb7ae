"""Floor of the ticket list: a bare ASGI server, one psycopg connection, the product's own SELECT, orjson.

No routing, no token, no paging: what remains is what the rows themselves cost. A synchronous pool that
blocks the loop for the length of a query: an asynchronous one was measured at 1.1 times the CPU.
"""

import json
import os
from importlib import import_module

import orjson
from psycopg import adapters
from psycopg.types.string import TextLoader
from psycopg_pool import ConnectionPool

with open(os.environ["BENCH_STATEMENT"]) as file:
    STATEMENT = json.load(file)

SQL = STATEMENT["sql"].encode()
PARAMS = STATEMENT["params"]
adapters.register_loader("jsonb", TextLoader)  # goes out as it came in
POOL = ConnectionPool(
    os.environ["BENCH_DSN"],
    min_size=1,
    max_size=1,
    open=True,
    kwargs={"autocommit": True, "prepare_threshold": 0, "options": "-c TimeZone=UTC"},
)
HEADERS = [(b"content-type", b"application/json")]


def shape():
    """Return the function from rows to the product's JSON objects, written out as the product writes it."""
    named = {}
    for name, convert in STATEMENT["converts"].items():
        if "look_up" in convert:
            named[name] = dict(convert["look_up"]).__getitem__
        else:
            module, _, attribute = convert["function"].partition(":")
            named[name] = getattr(import_module(module), attribute)
    row = ", ".join([f"r{number}" for number in range(STATEMENT["columns"])] + ["*_rest"])
    return eval(f"lambda rows: [{STATEMENT['literal']} for ({row}) in rows]", named)


BUILD = shape()


async def app(scope, receive, send) -> None:
    """Answer every request with the page."""
    if scope["type"] != "http":
        return
    with POOL.connection() as connection:
        rows = connection.execute(SQL, PARAMS).fetchall()
    body = orjson.dumps(BUILD(rows[:50]), default=str, option=orjson.OPT_UTC_Z)
    headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
