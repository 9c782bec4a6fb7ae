"""Django's PostgreSQL backend with three changes: the embedded server starts by itself, times load in C, and
each connection has prepared SELECTs for the hot paths (api.database).
"""

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from django.utils.asyncio import async_unsafe
from psycopg import adapters
from psycopg.postgres import types
from psycopg.pq import Format

from config import database
from config.postgresql.statements import Statements

TIMESTAMPTZ = types["timestamptz"].oid
# psycopg's compiled loader. Django's own rewrites each value's zone in Python, a quarter of a list's time;
# the zone of our connections is UTC, so there is nothing to rewrite.
COMPILED_LOADER = adapters.get_loader(TIMESTAMPTZ, Format.TEXT)


class SchemaEditor(base.DatabaseSchemaEditor):
    """Prepares nothing while the schema changes: a prepared statement is one command, a migration's SQL often
    several."""

    def __enter__(self):
        self.connection.ensure_connection()
        self.threshold = self.connection.connection.prepare_threshold
        self.connection.connection.prepare_threshold = None
        return super().__enter__()

    def __exit__(self, exc_type, exc_value, traceback):
        try:
            super().__exit__(exc_type, exc_value, traceback)
        finally:
            self.connection.connection.prepare_threshold = self.threshold


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    def get_connection_params(self):
        if self.settings_dict.get("EMBEDDED"):
            self.settings_dict.update(database.start_embedded())
        params = super().get_connection_params()
        get_adapters_template(True, self.timezone).register_loader("timestamptz", COMPILED_LOADER)
        return params

    def get_new_connection(self, conn_params):
        raw = super().get_new_connection(conn_params)
        self.statements = Statements(raw)
        return raw

    @async_unsafe
    def create_cursor(self, name=None):
        """As Django's, but without setting its loader of times on each cursor."""
        if not name:
            return self.connection.cursor()
        holding = {"scrollable": False, "withhold": self.connection.autocommit}
        if self.settings_dict["OPTIONS"].get("server_side_binding"):
            return self.connection.cursor(name, **holding)
        return base.ServerSideCursor(self.connection, name=name, **holding)
