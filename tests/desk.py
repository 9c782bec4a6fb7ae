"""A real desk for tests: `manage.py serve` as operators run it, on the database of the test process."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import connection

TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|(?:dts|vst)_[A-Za-z0-9_-]{8,}")
ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_url() -> str:
    """Return a URL of the database that the tests use, for other processes."""
    database = connection.settings_dict
    host, port = database["HOST"], database["PORT"]
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={host}&port={port}"


def environment(**extra: str) -> dict[str, str]:
    """Return the environment of a process that works on the tests' database with the tests' keys."""
    # Hundreds of tests fail on purpose from one address; what throttles has tests of its own.
    patient = {"API_FAILURES_PER_MINUTE": "9999", "HANDOFF_FAILURES_PER_MINUTE": "9999"}
    own = {"DATABASE_URL": database_url(), "INLAY_DATA": str(settings.INLAY_DATA)}
    return os.environ | own | patient | extra


class Desk:
    """A running server; `url` is where it listens, `log` what it wrote."""

    standing: ClassVar[list["Desk"]] = []

    def __init__(
        self, folder: Path, *, tls: tuple[Path, Path] | None = None, port: int = 0, **env: str
    ) -> None:
        self.port = port or free_port()
        self.scheme = "https" if tls else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self.log = folder / f"desk-{self.port}.log"
        command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(self.port)]
        if tls:
            command += ["--tls-certificate", str(tls[0]), "--tls-key", str(tls[1])]
        self.command, self.env = command, environment(**env)
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        self.wait_until_ready()
        self.standing.append(self)

    def wait_until_ready(self) -> None:
        trusting = ssl._create_unverified_context()
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/api/nothing", timeout=2, context=trusting)
            except urllib.error.HTTPError:
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"The desk did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End every process of the desk at once, as a power cut would (`kill -9`)."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._stands_no_more()

    def stop(self) -> None:
        """Stop as an operator would, and look through what was logged: no line may hold a token."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        self._stands_no_more()
        written = self.log.read_text(errors="replace")
        assert not TOKEN.search(written), "A token was logged."
        assert "unforeseen error" not in written, written[-4000:]

    def _stands_no_more(self) -> None:
        if self in self.standing:
            self.standing.remove(self)


@contextmanager
def no_desk_running() -> Iterator[None]:
    """Let no worker of a desk take the jobs of the tests' database, or look at its rows, for a while.

    Desks of a whole session stand in the background of tests that know nothing of them.
    """
    stopped = list(Desk.standing)
    for each in stopped:
        each.kill()
    try:
        yield
    finally:
        for each in stopped:
            each.start()


def manage(*arguments: str, given: str = "") -> subprocess.CompletedProcess:
    """Run a management command as an operator would, with `given` on its standard input."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        input=given, env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
