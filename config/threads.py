"""The threads in which Django works for the event loop: each has its own box of work, and the one that
rested last works next.

More than two at once only get into each other's way, for one interpreter runs them all: a third is woken when
work has waited for some milliseconds, because the two wait for the database. concurrent.futures costs a lock,
a condition and two futures for each call, a tenth of what a list costs.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

EAGER = 2  # threads that are given work at once
PATIENCE = 0.005  # seconds that work waits for one of them before another thread takes it

Work = tuple[asyncio.Future, Callable[..., Any], tuple]


class Threads:
    """Up to a number of daemon threads; `run` is awaited on the event loop that made the first call.

    Who rests and what waits is kept by the loop alone, so nothing here needs a lock.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.loop: asyncio.AbstractEventLoop | None = None
        self.started = self.busy = 0
        self.relief: asyncio.TimerHandle | None = None
        self.resting: list[SimpleQueue[Work]] = []
        self.waiting: deque[tuple[float, Work]] = deque()  # since when

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return what the function returns in one of the threads, or raise what it raises."""
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
        work: Work = self.loop.create_future(), function, args
        if self.busy < EAGER:
            self._give(work)
        else:
            self.waiting.append((self.loop.time(), work))
            if self.relief is None:
                self.relief = self.loop.call_later(PATIENCE, self._relieve)
        return await work[0]

    def _give(self, work: Work) -> None:
        self.busy += 1
        box = self.resting.pop() if self.resting else self._start()
        box.put(work)

    def _relieve(self) -> None:
        """Wake one more thread for what has waited long enough, and look again."""
        assert self.loop is not None
        self.relief = None
        late = self.loop.time() - PATIENCE
        if self.waiting and self.waiting[0][0] <= late and self.busy < self.number:
            self._give(self.waiting.popleft()[1])
        if self.waiting:
            again = max(self.waiting[0][0] - late, 0.001)
            self.relief = self.loop.call_later(again, self._relieve)

    def _start(self) -> "SimpleQueue[Work]":
        box: SimpleQueue[Work] = SimpleQueue()
        self.started += 1
        threading.Thread(target=self._serve, args=(box,), name=f"django-{self.started}", daemon=True).start()
        return box

    def _serve(self, box: "SimpleQueue[Work]") -> None:
        assert self.loop is not None
        while True:
            done, function, args = box.get()
            try:
                settle, outcome = _succeed, function(*args)
            except BaseException as error:  # noqa: BLE001 - whatever it is belongs to who awaits it
                settle, outcome = _fail, error
            self.loop.call_soon_threadsafe(self._finish, box, settle, done, outcome)
            del done, function, args, outcome  # a waiting thread keeps nothing alive

    def _finish(self, box: "SimpleQueue[Work]", settle: Callable, done: asyncio.Future, outcome: Any) -> None:
        if self.waiting:
            box.put(self.waiting.popleft()[1])
        else:
            self.busy -= 1
            self.resting.append(box)
        if not done.done():
            settle(done, outcome)


def _succeed(done: asyncio.Future, outcome: Any) -> None:
    done.set_result(outcome)


def _fail(done: asyncio.Future, error: BaseException) -> None:
    done.set_exception(error)
