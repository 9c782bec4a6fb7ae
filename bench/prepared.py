"""Makes what is measured: the product's schema, tokens, the peers' tables, three sizes of the same desk."""

import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import databases, rows
from bench.child import ROOT
from bench.databases import Cluster

SIZES = {"bench_1k": 1_000, "bench_100k": 100_000, "bench_1m": 1_000_000}
# The peers' own tables live in a schema of their own, so that nothing of theirs meets the product's tables.
OWN_SCHEMA = "-c%20search_path%3Dpeers"
BOTH_SCHEMAS = OWN_SCHEMA + "%2Cpublic"


@dataclass
class Prepared:
    """The cluster, the tokens, and the environment in which each process finds them."""

    cluster: Cluster
    folder: Path
    token: str = ""
    drf_token: str = ""

    def env(self, database: str, **more: str) -> dict[str, str]:
        """Return the environment of a process that works on one of the databases."""
        return databases.product_env(self.cluster, database) | {
            "BENCH_TOKEN": self.token,
            "BENCH_DSN": self.cluster.url(database),
            "BENCH_PEERS_URL": self.cluster.url(database, f"options={BOTH_SCHEMAS}"),
            "BENCH_STATEMENT": str(self.folder / "statement.json"),
            **more,
        }

    def bearer(self) -> dict[str, str]:
        """Return the header a client of the product sends."""
        return {"Authorization": f"Bearer {self.token}"}

    def drf_header(self) -> dict[str, str]:
        """Return the header a client of the DRF peer sends."""
        return {"Authorization": f"Token {self.drf_token}"}


def prepare(folder: Path, sizes: Mapping[str, int]) -> Prepared:
    """Start PostgreSQL and fill the databases of these sizes, each from the one before it."""
    started = time.monotonic()
    cluster = databases.start()
    prepared = Prepared(cluster, folder)
    cluster.create("bench_1k")
    databases.manage(prepared.env("bench_1k"), "migrate", "--verbosity", "0")
    command = ["issue_token", "bench", "--create-agent", "--server-calls"]
    prepared.token = databases.manage(prepared.env("bench_1k"), *command).split()[-1]
    with cluster.connect("bench_1k") as connection:
        connection.execute("CREATE SCHEMA peers")
    _python(prepared, "-m", "django", "migrate", "--settings", "bench.peers.settings", "--verbosity", "0")
    prepared.drf_token = _python(prepared, "-m", "bench.peers.auth", "token").split()[-1]
    loaded, template = 0, ""
    for name, size in sizes.items():
        if template:
            cluster.create(name, template)
        with cluster.connect(name) as connection:
            rows.load(connection, loaded, size)
        loaded, template = size, name
    (folder / "statement.json").write_text(_python(prepared, "-m", "bench.list_statement", database=template))
    sizes = ", ".join(f"{size:,}" for size in sizes.values())
    print(f"Prepared {sizes} tickets in {time.monotonic() - started:.0f} s", flush=True)
    return prepared


def _python(prepared: Prepared, *arguments: str, database: str = "bench_1k") -> str:
    own = {"BENCH_PEERS_URL": prepared.cluster.url(database, f"options={OWN_SCHEMA}")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=prepared.env(database, **own),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-4000:]}")
    return done.stdout
