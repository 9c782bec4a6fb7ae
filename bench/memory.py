"""How much memory a server's processes hold, each shared page counted in its share."""

import psutil


def tree_bytes(pid: int) -> int:
    """Return the proportional set size of a process and all its descendants."""
    total = 0
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total
