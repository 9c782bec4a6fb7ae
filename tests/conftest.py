"""Fixtures that every test may use: an API client in the process, and a real desk."""

import logging
import time

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import flush as flush_command
from django.db import OperationalError
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from config.database import start_embedded
from settings_app.models import StoredGroup
from settings_app.queries import KEPT_SECONDS
from tests import factories
from tests.desk import Desk
from tokens import throttle, usage

# Tests write what was counted when they want it written (usage.flush), not behind the back of their
# transaction.
usage._start = lambda: None

KEPT = {"django_content_type", "auth_permission"}
# Large tables are truncated: what was deleted would still be read over.
EMPTY = """
DO $$
DECLARE
    name text; full bool;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH name IN ARRAY string_to_array('{names}', ', ') LOOP
        IF pg_relation_size(name::regclass) > 200000 THEN
            EXECUTE 'TRUNCATE ' || name || ' CASCADE';
        ELSE
            EXECUTE 'DELETE FROM ' || name;
        END IF;
    END LOOP;
END $$"""


class Api:
    """Calls the API in the test's process and transaction, as a token."""

    def __init__(self, token: str = "", **headers: str) -> None:
        given = {"Authorization": f"Bearer {token}"} if token else {}
        self.token = token
        self.client = Client(headers=given | headers, raise_request_exception=False)

    def __getattr__(self, method: str):
        """get, post, put, patch, delete: `api.post("tickets/create", {...}, headers={...})`."""

        def call(path: str, data=None, **options):
            options.setdefault("content_type", "application/json") if method != "get" else None
            if options.get("content_type", "") is None:  # a form with files, as Django's client sends it
                del options["content_type"]
            response = getattr(self.client, method)(f"/api/{path}", data, **options)
            assert response.status_code != 500, response.content
            return response

        return call


@pytest.fixture(autouse=True)
def no_unforeseen_error(caplog):
    """No response of any test is a 500: what nobody foresaw is logged, and fails the test."""
    yield
    unforeseen = [
        each for each in caplog.get_records("call") if each.name == "inlay.errors" and each.exc_info
    ]
    assert not unforeseen, logging.Formatter().formatException(unforeseen[0].exc_info)


@pytest.fixture(autouse=True)
def forget_counts():
    """Each test starts with no failures to throttle and no settings remembered."""
    from settings_app.queries import forget_kept

    throttle.forget_failures()
    forget_kept()
    usage.forget()


@pytest.fixture
def agent(db):
    return factories.agent()


@pytest.fixture
def admin(db):
    return factories.admin()


@pytest.fixture
def api(agent):
    """The API as an ordinary agent's token."""
    return Api(factories.token(agent))


@pytest.fixture
def admin_api(admin):
    return Api(factories.token(admin))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Let nothing wait for the disk: tests end processes, and none takes the power from the machine."""
    database = settings.DATABASES["default"]
    if database.get("EMBEDDED"):
        where = start_embedded()
        with psycopg.connect(
            host=where["HOST"], port=where["PORT"], user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(autouse=True, scope="session")
def empty_tables_fast():
    """Delete, after a test, what is in the tables: TRUNCATE makes every table and index anew, as files.

    The permissions that come with migrations stay, so nobody needs to make them again.
    The lock waits for what the running desk's worker does at the moment, which may wait for it in turn: then
    let go, and try again.
    """

    def flush(self, style, tables, *, reset_sequences=False, allow_cascade=False) -> list[str]:
        names = ", ".join(self.quote_name(table) for table in tables if table not in KEPT)
        return [f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE", EMPTY.format(names=names)] if tables else []

    def patiently(self, sql_list) -> None:
        remembered = Desk.standing and StoredGroup.objects.exists()
        for attempt in range(20):
            try:
                execute(self, ["SET LOCAL lock_timeout = '500ms'", *sql_list])
                break
            except OperationalError:
                if attempt == 19:
                    raise
                time.sleep(0.05)
        if remembered:  # by desks, for a moment, and the next test expects what is usual
            time.sleep(KEPT_SECONDS + 0.1)

    execute = DatabaseOperations.execute_sql_flush
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush_command, "emit_post_migrate_signal", lambda *args, **options: None)
        patch.setattr(DatabaseOperations, "sql_flush", flush)
        patch.setattr(DatabaseOperations, "execute_sql_flush", patiently)
        yield


@pytest.fixture(scope="module")
def rows_of_file(empty_tables_fast, django_db_setup, django_db_blocker):
    """For fixtures that load rows once for all tests of their file: what lets them at the database."""
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def running_desk(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        desk = Desk(tmp_path_factory.mktemp("desk"))
    yield desk
    desk.stop()


@pytest.fixture
def desk(transactional_db, running_desk):
    """A real server on the tests' database; what a test commits, it sees. Emptied after each test."""
    return running_desk
