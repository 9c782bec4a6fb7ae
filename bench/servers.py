"""Starting and stopping the servers that are measured, each with one worker process, and its meter."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from bench.cpu import Meter

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a TCP port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process; `meter` counts its process tree and the backends of its database."""

    def __init__(
        self,
        command: list[str],
        env: Mapping[str, str],
        *,
        port: int,
        postmaster: int | None = None,
        database: str = "",
        ready: str = "",
        also: tuple[int, ...] = (),
    ) -> None:
        """Start it and wait until `ready` (a path; "" = the port alone) answers; `also`: more pids."""
        self.port = port
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the server
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(env),
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.meter = Meter(self.process.pid, *also, postmaster=postmaster, database=database)
        try:
            self._wait(ready)
        except BaseException:
            self.stop()
            raise

    def _wait(self, ready: str) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.process.args} ended:\n{self.output()}")
            try:
                if ready:
                    urllib.request.urlopen(f"http://127.0.0.1:{self.port}{ready}", timeout=5).close()
                else:
                    socket.create_connection(("127.0.0.1", self.port), 5).close()
                return
            except urllib.error.HTTPError:
                return  # it answers, if only with a refusal
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.process.args} did not answer:\n{self.output()}")

    def output(self) -> str:
        """Return the end of what it printed."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-4000:]

    def stop(self) -> None:
        """Stop it and everything it started."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def granian(app: str, interface: str, port: int) -> list[str]:
    """Return the command of a Granian with one worker (and, for WSGI, one blocking thread)."""
    command = [sys.executable, "-m", "granian", "--interface", interface, "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--log-level", "warning", "--backlog", "4096"]
    command += ["--backpressure", "4096"] if interface == "asgi" else ["--blocking-threads", "1"]
    return [*command, app]
