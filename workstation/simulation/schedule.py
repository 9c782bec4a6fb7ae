"""Many people in one thread: each a generator that yields how many seconds it pauses, all by one clock.

The order of what happens comes from that clock alone, and real time only paces it: the same seed gives the
same run on a slow machine too.
"""

import heapq
import itertools
import time
from collections.abc import Callable, Iterator

Actor = Iterator[float]


class Schedule:
    """Runs actors until `ends`; a second of theirs lasts `scale` real seconds."""

    def __init__(
        self, ends: float, *, scale: float = 1.0, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self.ends, self.scale, self.sleep = ends, scale, sleep
        self.now = 0.0
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, Actor]] = []

    def add(self, actor: Actor, at: float = 0.0) -> None:
        heapq.heappush(self._waiting, (at, next(self._numbers), actor))

    def run(self) -> None:
        """Let everybody act in turn; returns at the end, or when nobody has anything left to do."""
        started = time.monotonic()
        while self._waiting:
            at, _, actor = heapq.heappop(self._waiting)
            early = started + min(at, self.ends) * self.scale - time.monotonic()
            if early > 0:
                self.sleep(early)
            self.now = min(at, self.ends)
            if at > self.ends:
                return
            pause = next(actor, None)
            if pause is not None:
                self.add(actor, at + max(pause, 0.05))
