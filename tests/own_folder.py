"""A pytest plugin, loaded before the settings: tests keep their keys, files and embedded database to
themselves.

Each process of a parallel run has its own: a transaction that one test holds open delays the feed in every
database of its server.
"""

import atexit
import os
import shutil
import tempfile

if "INLAY_DATA" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["INLAY_DATA"] = folder = tempfile.mkdtemp(prefix="inlay-tests-")
    # Registered before the database's own stop, so it runs after it.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
