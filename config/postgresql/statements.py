"""The prepared SELECTs of one connection, run by libpq itself."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

PLACEHOLDER = re.compile("%%|%s")
# The statement is gone (psycopg drops them all after a rollback), or the schema has changed under it.
STALE = frozenset({"26000", "0A000"})
MOST = 200  # statements kept: what a client chooses, such as its filters, must not fill the backend's memory


class Context:
    """What psycopg's Transformer needs of a connection: not the connection, which it would keep alive."""

    connection = None

    def __init__(self, adapters: AdaptersMap) -> None:
        self.adapters = adapters


class Statements:
    """Runs SELECTs outside of transactions: one call that blocks in libpq and gives up the interpreter once.

    psycopg's cursor, which drives the protocol from Python, costs three times as much: a tenth of a list.
    """

    def __init__(self, raw: psycopg.Connection) -> None:
        self.pgconn = raw.pgconn
        self.context: Any = Context(raw.adapters)
        self.dumper = Transformer(self.context)
        self.prepared: dict[tuple, tuple[bytes, Transformer]] = {}
        self.numbers = count()

    def fetch(self, sql: str, params: Sequence[Any]) -> list[tuple]:
        """Return all rows of a SELECT with `%s` for its parameters. Raises psycopg's errors."""
        values = self.dumper.dump_sequence(params, [PyFormat.AUTO] * len(params))
        key, formats = (sql, self.dumper.types), self.dumper.formats
        for last in (False, True):
            name, loader = self.prepared.get(key) or self._prepare(*key)
            result = self.pgconn.exec_prepared(name, values, formats)
            if result.status == ExecStatus.TUPLES_OK:
                loader.set_pgresult(result, set_loaders=False)
                rows = loader.load_rows(0, result.ntuples, tuple)
                loader.set_pgresult(None, set_loaders=False)  # keeps no page in memory
                return rows
            error = self._error(result)
            if last or error.sqlstate not in STALE:
                raise error
            self.prepared.clear()
        raise AssertionError  # the loop returns or raises

    def _prepare(self, sql: str, types: tuple[int, ...]) -> tuple[bytes, Transformer]:
        if len(self.prepared) >= MOST:
            self._drop_oldest()
        name = f"desk_{next(self.numbers)}".encode()
        result = self.pgconn.prepare(name, _numbered(sql), types)
        if result.status != ExecStatus.COMMAND_OK:
            raise self._error(result)
        loader = Transformer(self.context)
        loader.set_pgresult(self.pgconn.describe_prepared(name))  # the columns' types, once and for all
        found = self.prepared[sql, types] = name, loader
        return found

    def _drop_oldest(self) -> None:
        name, _ = self.prepared.pop(next(iter(self.prepared)))
        self.pgconn.exec_(b"DEALLOCATE " + name)

    def _error(self, result: PGresult) -> psycopg.Error:
        error = error_from_result(result)
        if self.pgconn.status != ConnStatus.OK or error.sqlstate is None:
            # PostgreSQL names the state of every error; one without a name is libpq's: nobody is there.
            return psycopg.OperationalError(self.pgconn.get_error_message())
        return error


@lru_cache(1000)
def _numbered(sql: str) -> bytes:
    """Return the text with `$1`, `$2` … for its placeholders, as the protocol wants it."""
    numbers = count(1)
    text = PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql)
    return text.encode()
