"""Prints, as JSON, the SELECT the product runs for its default ticket list, its parameters and the shape of its JSON.

Taken from a real request at run time, so that the floor always runs what the product runs.
"""

import json
import os
import sys
from io import BytesIO

from bench.calls import environ


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from django.db import connection

    from api import lists
    from config.wsgi import application

    seen: dict = {}
    inner_page = lists.FastList.page

    def page(self, *args, **kwargs):
        seen["list"] = self
        return inner_page(self, *args, **kwargs)

    def remember(execute, sql, params, many, context):
        if "tickets_ticket" in sql and "ORDER BY" in sql:
            seen["sql"], seen["params"] = sql, list(params or [])
        return execute(sql, params, many, context)

    lists.FastList.page = page
    request = environ({"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}"})
    request |= {"wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.input": BytesIO()}
    status: list[str] = []
    with connection.execute_wrapper(remember):
        for _ in range(
            3
        ):  # what is kept between requests is then kept: the statement is that of a warm process
            status[:] = []
            response = application(dict(request), lambda line, headers, info=None: status.append(line))
            body = b"".join(response)
            response.close()
    if not status[0].startswith("200") or "sql" not in seen:
        raise RuntimeError(f"{status[0]}: {body[:500]!r}")
    shown = seen["list"]
    converts = {
        f"c{i}": _named(leaf.convert) for i, leaf in enumerate(shown.leaves) if isinstance(leaf, lists.Column)
    }
    statement = {
        "sql": seen["sql"],
        "params": seen["params"],
        "columns": len(shown.leaves),
        "literal": lists._literal(shown.columns)[0],
        "converts": converts,
    }
    print(json.dumps(statement, default=str))


def _named(convert) -> dict:
    """Return a conversion in words: a look-up in a dictionary, or the name of a function."""
    if isinstance(getattr(convert, "__self__", None), dict):
        return {"look_up": list(convert.__self__.items())}
    return {"function": f"{convert.__module__}:{convert.__qualname__}"}


if __name__ == "__main__":
    main()
