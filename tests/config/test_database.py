"""The embedded PostgreSQL: it comes back after whatever killed it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.desk import ROOT

START = "from config import database; database.start_embedded()"
KILLED = START + "; import os, signal; os.kill(int(open(os.environ['PID']).readline()), signal.SIGKILL)"


def test_a_database_that_was_killed_is_there_again_for_the_next_who_asks():
    with tempfile.TemporaryDirectory(prefix="inlay-tests-") as folder:
        pid = Path(folder) / "postgresql" / "postmaster.pid"
        env = os.environ | {"INLAY_DATA": folder, "PID": str(pid)}
        for work in (KILLED, START):
            subprocess.run([sys.executable, "-c", work], env=env, cwd=ROOT, check=True, timeout=120)
        assert not pid.exists()  # the last one to use it has stopped it
