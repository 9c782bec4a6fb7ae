"""The prepared SELECTs of the hot paths: the same rows as a cursor gives, through whatever happens to a
connection.
"""

import uuid
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import DataError, OperationalError, ProgrammingError, connection, transaction
from psycopg.pq import ExecStatus

from api.database import fetch, fetch_one

VALUES = [
    "Zoë 张三 ' \" \\ $1 %s",
    42,
    2**40,
    None,
    True,
    uuid.UUID(int=7),
    datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC),
    b"\x00\xff",
]
pytestmark = pytest.mark.django_db(transaction=True)


def by_cursor(sql: str, params: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_a_cursor_gives_it(value):
    kind = {str: "text", int: "bigint", type(None): "text", bool: "boolean", uuid.UUID: "uuid",
            datetime: "timestamptz", bytes: "bytea"}[type(value)]  # fmt: skip
    sql = f"SELECT %s::{kind}, '100%%', 1 %% 2"
    assert fetch(sql, [value]) == by_cursor(sql, [value]) == [(value, "100%", 1)]


def test_lists_go_in_and_out():
    ids = [uuid.UUID(int=number) for number in range(3)]
    assert fetch("SELECT %s::uuid[], 1 WHERE %s = ANY(%s::uuid[])", [ids, ids[1], ids]) == [(ids, 1)]
    assert fetch("SELECT 1 WHERE %s = ANY(%s::uuid[])", [ids[1], []]) == []


def test_one_statement_serves_parameters_of_different_types():
    sql = "SELECT pg_typeof(%s)::text"
    assert fetch_one(sql, [True]) == ("boolean",)
    assert fetch_one(sql, [datetime.now(UTC)]) == ("timestamp with time zone",)
    assert fetch_one(sql, [True]) == ("boolean",)


def test_errors_are_djangos():
    with pytest.raises(ProgrammingError):
        fetch("SELECT nothing_of_that_name", [])
    with pytest.raises(DataError):
        fetch("SELECT 1 / %s::int", [0])
    assert fetch("SELECT 1", []) == [(1,)]


def test_a_transaction_sees_its_own_writes_and_its_rollback():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE noted (text text)")
    count = "SELECT count(*) FROM noted"
    with transaction.atomic():
        assert fetch(count, []) == [(0,)]  # the first statement of the transaction begins it
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO noted VALUES ('x')")
        assert fetch(count, []) == [(1,)]
        transaction.set_rollback(True)
    assert fetch(count, []) == [(0,)]


def test_statements_that_were_dropped_are_prepared_again():
    assert fetch("SELECT 1", []) == [(1,)]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert fetch("SELECT 1", []) == [(1,)]


def test_a_changed_table_is_read_with_its_new_columns():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE changing (text text)")
        cursor.execute("INSERT INTO changing VALUES ('1')")
    assert fetch("SELECT * FROM changing", []) == [("1",)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE changing ALTER text TYPE int USING text::int, ADD more int DEFAULT 2")
    assert fetch("SELECT * FROM changing", []) == [(1, 2)]


def test_a_connection_that_died_says_so_and_the_next_one_works():
    assert fetch("SELECT 1", []) == [(1,)]
    pid = fetch("SELECT pg_backend_pid()", [])[0][0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
    with pytest.raises(OperationalError):
        for _ in range(3):
            fetch("SELECT 1", [])
    connection.close()
    assert fetch("SELECT 1", []) == [(1,)]


def test_an_error_that_postgresql_did_not_name_is_a_lost_connection():
    # So it is when another process of PostgreSQL crashed: a warning, then the end, and libpq still hopes.
    connection.ensure_connection()
    ended = connection.connection.pgconn.make_empty_result(ExecStatus.FATAL_ERROR)
    assert isinstance(connection.statements._error(ended), psycopg.OperationalError)


def test_what_clients_choose_does_not_fill_the_connection(monkeypatch):
    from config.postgresql import statements

    monkeypatch.setattr(statements, "MOST", 5)
    connection.close()
    for number in range(20):
        assert fetch(f"SELECT {number}", []) == [(number,)]
    held = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'desk%%'"
    assert fetch_one(held, [])[0] <= 5
    assert fetch("SELECT 0", []) == [(0,)]
