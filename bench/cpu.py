"""Server CPU: what a process tree and the PostgreSQL backends that serve it have burnt, user plus system."""

from collections.abc import Callable

import psutil


def tree_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and all its descendants, those that ended included."""
    root = psutil.Process(pid)
    return sum(_seconds(process, ended=True) for process in [root, *root.children(recursive=True)])


def backend_seconds(postmaster: int, database: str, without: frozenset[int] = frozenset()) -> float:
    """Return the CPU seconds of the server processes of one database.

    Live backends are found by their title ("postgres: user database …"); those that ended, parallel workers
    among them, are in the postmaster's account of its children, so a connection per request cannot hide its
    cost.
    `without` are backends of the load itself.
    """
    parent = psutil.Process(postmaster)
    total = _seconds(parent, ended=True)
    for child in parent.children():
        try:
            if child.pid not in without and f" {database} " in " ".join(child.cmdline()) + " ":
                total += _seconds(child, ended=False)
        except psutil.NoSuchProcess:
            continue
    return total


class Meter:
    """Adds up the CPU of some process trees and of one database, and says what one stretch of work cost."""

    def __init__(self, *pids: int, postmaster: int | None = None, database: str = "") -> None:
        self.pids = pids
        self.postmaster = postmaster
        self.database = database
        self.without: frozenset[int] = frozenset()

    def now(self) -> float:
        """Return the CPU seconds burnt so far."""
        total = sum(tree_seconds(pid) for pid in self.pids)
        if self.postmaster:
            total += backend_seconds(self.postmaster, self.database, self.without)
        return total

    def cost(self, work: Callable[[], object]) -> float:
        """Run `work` and return the CPU seconds the servers spent meanwhile."""
        before = self.now()
        work()
        return self.now() - before


def _seconds(process: psutil.Process, *, ended: bool) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    own = times.user + times.system
    return own + times.children_user + times.children_system if ended else own
