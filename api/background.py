"""What else lives in the worker's process: each app adds its own in AppConfig.ready()."""

from collections.abc import Callable

companions: list[Callable[[], object]] = []
