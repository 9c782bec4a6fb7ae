"""The threads in which Django works for the event loop: each has its own box of work, and the one that
rested last works next.

So a quiet desk uses one or two threads, with warm caches and few database connections, however many it may
use. concurrent.futures costs a lock, a condition and two futures for each call, a tenth of what a list costs.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

Work = tuple[asyncio.Future, Callable[..., Any], tuple]


class Threads:
    """Up to a number of daemon threads; `run` is awaited on the event loop that made the first call.

    Who rests and what waits is kept by the loop alone, so nothing here needs a lock.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.loop: asyncio.AbstractEventLoop | None = None
        self.started = 0
        self.resting: list[SimpleQueue[Work]] = []
        self.waiting: deque[Work] = deque()

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return what the function returns in one of the threads, or raise what it raises."""
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
        work = self.loop.create_future(), function, args
        if self.resting:
            self.resting.pop().put(work)
        elif self.started < self.number:
            self._start().put(work)
        else:
            self.waiting.append(work)
        return await work[0]

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
            box.put(self.waiting.popleft())
        else:
            self.resting.append(box)
        if not done.done():
            settle(done, outcome)


def _succeed(done: asyncio.Future, outcome: Any) -> None:
    done.set_result(outcome)


def _fail(done: asyncio.Future, error: BaseException) -> None:
    done.set_exception(error)
