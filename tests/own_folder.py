"""A pytest plugin, loaded before the settings: tests keep their keys, files and embedded database to themselves."""

import os
import tempfile

os.environ.setdefault("INLAY_DATA", tempfile.mkdtemp(prefix="inlay-tests-"))
