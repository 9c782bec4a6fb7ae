"""What else lives in the worker's process: each app adds its own in AppConfig.ready()."""

from collections.abc import Callable

# Queues whose jobs are slow, each with how many of them run at once: no other job waits for one of these.
slow_queues: dict[str, int] = {}
companions: list[Callable[[], object]] = []
