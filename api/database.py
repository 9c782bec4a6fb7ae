"""The hot paths' way to the database: prepared SELECTs, without what Django wraps around each."""

from collections.abc import Sequence
from typing import Any

from django.db import connections


def fetch(sql: str, params: Sequence[Any]) -> list[tuple]:
    """Return all rows of one SELECT (in a transaction, also of a WITH that writes); its errors arrive as
    Django's.

    Within a transaction psycopg's cursor runs it, which has the BEGIN to send; and Django's where somebody
    logs queries (tests that count them, a debug session).
    """
    connection = connections["default"]  # django.db.connection would look this up at each step
    connection.ensure_connection()
    raw = connection.connection
    if connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()
    with connection.wrap_database_errors:
        if raw.autocommit and raw.prepare_threshold is not None:
            return connection.statements.fetch(sql, params)
        with raw.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()


def fetch_one(sql: str, params: Sequence[Any]) -> tuple | None:
    """Return the one row of a SELECT that finds at most one, or None."""
    rows = fetch(sql, params)
    return rows[0] if rows else None
