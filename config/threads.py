"""The threads in which Django works for the event loop: a queue, and one wake-up of the loop per piece of
work.

concurrent.futures does the same with a lock, a condition and two futures for each call, which is a tenth of
what a list costs.
"""

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class Threads:
    """A fixed number of daemon threads; `run` is awaited on the event loop that made the first call."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.loop: asyncio.AbstractEventLoop | None = None
        self.work: SimpleQueue = SimpleQueue()

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Return what the function returns in one of the threads, or raise what it raises."""
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
            for number in range(self.number):
                threading.Thread(target=self._serve, name=f"django-{number}", daemon=True).start()
        done = self.loop.create_future()
        self.work.put((done, function, args))
        return await done

    def _serve(self) -> None:
        while True:
            done, function, args = self.work.get()
            try:
                settle, outcome = _succeed, function(*args)
            except BaseException as error:  # noqa: BLE001 - whatever it is belongs to who awaits it
                settle, outcome = _fail, error
            self.loop.call_soon_threadsafe(settle, done, outcome)
            del done, function, args, outcome  # a waiting thread keeps nothing alive


def _succeed(done: asyncio.Future, outcome: Any) -> None:
    if not done.done():
        done.set_result(outcome)


def _fail(done: asyncio.Future, error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)
