"""A cursor for the hot paths: one prepared statement, without what Django wraps around each."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def hot_cursor() -> Iterator:
    """Yield psycopg's own cursor of Django's connection; its errors arrive as Django's.

    Django's wrappers cost as much as a short statement. Where somebody logs queries (tests that count them, a
    debug session) they get Django's cursor, which does.
    """
    if connection.queries_logged:
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        yield cursor
