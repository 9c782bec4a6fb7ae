"""Running background jobs: the worker's own places for each slow queue, and for everything else."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor

from procrastinate import App
from procrastinate.contrib.django import app as desk

from api.background import slow_queues

AT_ONCE = 8  # more than cores: jobs wait for the database and for other servers most of the time
SPARE = 4  # threads for what the worker itself does


def run() -> None:
    """Run background jobs until the process is told to stop; what runs then is finished."""
    with desk.replace_connector(desk.connector.get_worker_connector()) as app:  # type: ignore[attr-defined]
        asyncio.run(_run(app))


async def _run(app: App) -> None:
    """Work off all queues; end, and end all, as soon as one of the workers ends."""
    loop = asyncio.get_running_loop()
    # Every job has a thread: with asyncio's own few, slow ones would keep the others from running.
    loop.set_default_executor(ThreadPoolExecutor(AT_ONCE + sum(slow_queues.values()) + SPARE))
    async with app.open_async():
        app.perform_import_paths()
        others = {task.queue for task in app.tasks.values()} - slow_queues.keys()
        places = [(sorted(others), AT_ONCE), *(([name], most) for name, most in slow_queues.items())]
        workers = [
            asyncio.create_task(
                app.run_worker_async(
                    queues=queues, concurrency=most, delete_jobs="successful", install_signal_handlers=False
                )
            )
            for queues, most in places
        ]

        def stop(number: signal.Signals) -> None:
            loop.remove_signal_handler(number)  # whoever says so twice does not wait
            for each in workers:
                each.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop, number)
        _, running = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
        for each in running:
            each.cancel()
        ended = await asyncio.gather(*workers, return_exceptions=True)
        for problem in ended:
            if isinstance(problem, Exception):
                raise problem
