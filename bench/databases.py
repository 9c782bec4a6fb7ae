"""The embedded PostgreSQL of the run and its three databases: 1,000, 100,000 and 1,000,000 tickets."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL: where it is, and the process all its backends descend from."""

    host: str
    port: str
    postmaster: int

    def url(self, database: str, extra: str = "") -> str:
        """Return a libpq URL of one database; `extra` are further URL-encoded parameters."""
        extra = extra and "&" + extra
        return f"postgresql://postgres@/{database}?host={self.host}&port={self.port}{extra}"

    def connect(self, database: str) -> psycopg.Connection:
        """Return an autocommit connection."""
        return psycopg.connect(self.url(database), autocommit=True)

    def create(self, database: str, template: str = "template1") -> None:
        """Create a database with the settings the product gives its own, as a copy of `template`."""
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy")
            for setting in ("jit = off", "random_page_cost = 1.1"):
                connection.execute(f"ALTER DATABASE {database} SET {setting}")


def start() -> Cluster:
    """Start the product's embedded server under INLAY_DATA; it stops when this process ends."""
    from config import database

    address = database.start_embedded()
    cluster = Cluster(address["HOST"], address["PORT"], 0)
    with cluster.connect("postgres") as connection:
        # Nothing but the measured work may use the CPU while we measure.
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("ALTER SYSTEM SET max_wal_size = '4GB'")
        connection.execute("ALTER SYSTEM SET checkpoint_timeout = '1h'")
        connection.execute("SELECT pg_reload_conf()")
        (folder,) = connection.execute("SHOW data_directory").fetchone()
    postmaster = int((Path(folder) / "postmaster.pid").read_text().split()[0])
    return replace(cluster, postmaster=postmaster)


def manage(env: Mapping[str, str], *arguments: str) -> str:
    """Run a management command of the product and return what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {arguments[0]}: {done.stdout}{done.stderr}"[-4000:])
    return done.stdout


def product_env(cluster: Cluster, database: str) -> dict[str, str]:
    """Return the environment in which the product uses one of the databases."""
    return os.environ | {
        "DATABASE_URL": cluster.url(database),
        "WORKERS": "1",
        "LOG_LEVEL": "WARNING",
        "ALLOWED_HOSTS": "*",
        "PYTHONUNBUFFERED": "1",
    }
