"""Running background jobs: the worker's own places for each slow queue, and for everything else."""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import connections
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app as desk
from procrastinate.contrib.django.utils import connector_params

from api.background import slow_queues

log = logging.getLogger("inlay.jobs")
AT_ONCE = 8  # more than cores: jobs wait for the database and for other servers most of the time
SPARE = 4  # threads and connections for what the worker itself does
PAUSE = 1.0  # seconds until jobs start again, after the database was gone

Places = list[tuple[list[str], int]]  # queues, and how many of their jobs run at once


def run() -> None:
    """Run background jobs until the process is told to stop; what runs then is finished."""
    desk.perform_import_paths()
    others = {task.queue for task in desk.tasks.values()} - slow_queues.keys()
    places = [(sorted(others), AT_ONCE), *(([name], most) for name, most in slow_queues.items())]
    asyncio.run(_run(places))


def _app(listening: int) -> App:
    """Return an app that works off the desk's jobs over connections of its own.

    Its tasks stay the desk's, so what they and readers have done later is part of their transactions, over
    Django's connection of their thread; the worker's connections belong to its event loop alone.
    """
    most = 2 * listening + SPARE
    connector = PsycopgConnector(kwargs=connector_params(), min_size=listening, max_size=most)
    app = App(connector=connector, worker_defaults=desk.worker_defaults)
    app.tasks, app.periodic_registry = desk.tasks, desk.periodic_registry
    return app


async def _run(places: Places) -> None:
    """Work off all queues until the process is told to stop, through whatever happens to the database."""
    loop, here = asyncio.get_running_loop(), asyncio.current_task()

    def stop(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)  # whoever says so twice does not wait
        if here:
            here.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    with suppress(asyncio.CancelledError):
        while True:
            # Every job has a thread: with asyncio's own few, slow ones would keep the others from running.
            # After an outage they are new ones: those there were keep connections that are broken.
            threads = ThreadPoolExecutor(sum(most for _, most in places) + SPARE)
            loop.set_default_executor(threads)
            try:
                # The timetable makes its jobs over Django's connection of this one thread. Nobody else closes
                # a broken one, and with it each start would fail.
                await sync_to_async(connections.close_all)()
                async with _app(len(places)).open_async() as app:
                    await _work(app, places)
                log.warning("background jobs stopped, and start again")
            except Exception as error:  # noqa: BLE001 - whatever it was, jobs go on when it is over
                log.warning("background jobs stopped, and start again: %s", error)
            threads.shutdown(wait=False)
            await asyncio.sleep(PAUSE)


async def _work(app: App, places: Places) -> None:
    """Work off all queues; end all workers as soon as one ends, with what they have in hand finished."""
    workers = [
        asyncio.create_task(
            app.run_worker_async(
                queues=queues, concurrency=most, delete_jobs="successful", install_signal_handlers=False
            )
        )
        for queues, most in places
    ]
    try:
        await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in workers:
            each.cancel()
        ended = await asyncio.gather(*workers, return_exceptions=True)
    for problem in ended:
        if isinstance(problem, Exception):
            raise problem
