"""A desk of its own for the run: PostgreSQL in a temporary folder, `manage.py serve`, and how they die."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.child import ROOT
from bench.servers import free_port


class World:
    """PostgreSQL and a desk that can be killed and started again; ends with the process."""

    def __init__(self, folder: Path) -> None:
        os.environ["INLAY_DATA"] = str(folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        self.folder = folder
        self.port = free_port()
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the run
        address = self._start_database()
        os.environ["DATABASE_URL"] = (
            f"postgresql://postgres@/inlay?host={address['HOST']}&port={address['PORT']}"
        )
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
        import django

        django.setup()

    def _start_database(self) -> dict[str, str]:
        from config import database

        return database.start_embedded()

    def start(self) -> None:
        """Start the desk and wait until it listens."""
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), "--workers", "2"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=self.log, stderr=self.log, start_new_session=True
        )
        wait_for(self.port, self.process)

    def kill(self) -> None:
        """End every process of the desk at once (`kill -9`)."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def crash_database(self) -> None:
        """Kill PostgreSQL with -9, and start it again, which makes it recover."""
        postmaster = self._postmaster()
        family = [postmaster, *postmaster.children()]
        postmaster.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, 60)  # its children notice by themselves; nobody starts a second one before
        again = "from config import database; database.start_embedded()"
        subprocess.run([sys.executable, "-c", again], cwd=ROOT, check=True, timeout=120)

    def stop(self) -> None:
        """Stop the desk, and PostgreSQL, which the wheel no longer knows after a crash."""
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        postmaster = self._postmaster()
        postmaster.send_signal(signal.SIGINT)
        postmaster.wait(30)

    def unforeseen(self) -> int:
        """Return how many errors the desk logged that nobody had foreseen."""
        self.log.seek(0)
        return self.log.read().count(b"unforeseen error")

    def _postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.folder / "postgresql" / "postmaster.pid").read_text().split()[0]))


def wait_for(port: int, process: subprocess.Popen) -> None:
    """Wait until something listens on a port. Raises RuntimeError when the process ends before."""
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the desk ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the desk did not listen")
