"""Prints, as JSON, the SELECT of the product's default ticket list, its parameters and the shape of its JSON.

Taken from a real request at run time, so that the floor always runs what the product runs.
"""

import json
import os
import sys
from io import BytesIO

from bench.calls import environ


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from api import lists
    from config.wsgi import application

    seen: dict = {}
    inner = lists.FastList.statement

    def statement(self, *args, **kwargs):
        sql, params = inner(self, *args, **kwargs)
        seen.update(list=self, sql=sql, params=list(params))
        return sql, params

    lists.FastList.statement = statement
    request = environ({"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}"})
    request |= {"wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.input": BytesIO()}
    status: list[str] = []
    for _ in range(3):  # what is kept between requests is then kept: the statement is that of a warm process
        status[:] = []
        response = application(dict(request), lambda line, headers, info=None: status.append(line))
        body = b"".join(response)
        response.close()
    if not status[0].startswith("200") or "sql" not in seen:
        raise RuntimeError(f"{status[0]}: {body[:500]!r}")
    shown = seen["list"]
    converts = {
        f"c{i}": _named(convert) for i, leaf in enumerate(shown.leaves) if (convert := lists._convert(leaf))
    }
    found = {
        "sql": seen["sql"],
        "params": seen["params"],
        "columns": len(shown.leaves),
        "literal": lists._literal(shown.columns)[0],
        "converts": converts,
    }
    print(json.dumps(found, default=str))


def _named(convert) -> dict:
    """Return a conversion in words: a look-up in a dictionary, or the name of a function."""
    if isinstance(getattr(convert, "__self__", None), dict):
        return {"look_up": list(convert.__self__.items())}
    return {"function": f"{convert.__module__}:{convert.__qualname__}"}


if __name__ == "__main__":
    main()
