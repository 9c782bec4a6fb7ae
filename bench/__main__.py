"""Inlay's benchmark: `make bench`; `BENCH_QUICK=1 make bench` is shorter and coarser.

What it answers: what does Inlay cost beside the least a server could do (a *floor*), and beside what a good
developer would build with the usual packages (a *peer*)? Everything runs in one go on the product's
embedded PostgreSQL, in a temporary folder that is removed at the end, at 1,000, 100,000 and 1,000,000
tickets.

How it measures. Every figure is a ratio of **server CPU**: user plus system time of the server's whole
process tree and of the PostgreSQL backends of its database (and of Redis, where it is used), so a slow
client or a busy machine can neither hide nor fake it. Subjects take turns within a round (A, B, C, C, B, A
…) and the ratio is taken round by round; printed are the median and, in brackets, the lowest and highest.
Each server runs one worker process; the load clients are processes of their own and are not counted.

| what | where |
|---|---|
| authentication against DRF, knox, simplejwt | `auth.py`, `calls.py`, `product_auth.py`, `peers/auth.py` |
| 50 tickets against floor and DRF | `lists.py`, `list_statement.py`, `floors/list50.py`, `peers/views.py` |
| requests per second under `manage.py serve` and Granian WSGI | `modes.py` |
| delivery to open streams | `streams.py`, `publishers.py`, `floors/stream.py`, `peers/channels_app.py` |
| a message: posted, on screens, in a long thread | `messages.py`, `floors/messages.py` |
| the workstation in Chromium: weight, delay on the screen, memory, scrolling | `workstation.py` |
| PostgreSQL and the data | `prepared.py`, `databases.py`, `rows.py` |
| the instruments | `cpu.py`, `memory.py`, `rounds.py`, `servers.py`, `subjects.py`, `child.py` |
| the load and its words | `load_*.py`, `frames.py` |

The floors run the product's own SELECT and write the product's own bytes, both taken from it at run time.
Names on the command line (`python -m bench lists streams`) run only those parts, and load a million tickets
only where one of them reads these. `bench/results.json` holds `{name: {"ratio": …, "low": …, "high": …}}`; a
part that was not run keeps its earlier figures. `python -m bench.chaos` is a command of its own: it measures
nothing, and proves that no message is lost.
"""

import atexit
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench import auth, lists, messages, modes, streams, workstation
from bench.prepared import SIZES, prepare

PARTS = {
    "auth": auth,
    "lists": lists,
    "modes": modes,
    "streams": streams,
    "messages": messages,
    "workstation": workstation,
}
LARGE = {"lists", "modes"}  # parts that read 100,000 and 1,000,000 tickets
RESULTS = Path(__file__).with_name("results.json")


def main(names: list[str]) -> None:
    """Run the named parts (all by default) and write their ratios."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # thousands of streams, here and in the children
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="inlay-bench-"))
    folder.chmod(0o755)  # as root, the embedded server runs as a user of its own
    # Runs last: what PostgreSQL registers later, to stop, runs before it. A kill must pass through here too.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.environ["INLAY_DATA"] = str(folder)
    results = json.loads(RESULTS.read_text()) if names and RESULTS.exists() else {}
    large = LARGE.intersection(names or PARTS)
    prepared = prepare(folder, SIZES if large else {"bench_1k": SIZES["bench_1k"]})
    for name in names or PARTS:
        results |= PARTS[name].measure(prepared)
        RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n")
    print(f"Written to {RESULTS.relative_to(Path.cwd())} after {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
