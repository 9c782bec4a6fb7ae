"""`manage.py serve` runs the whole desk: Granian with N workers, and the process of background jobs."""

import os
import resource
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

HEADER_TIMEOUT = 10_000  # milliseconds a client may take to send its headers: a slow-loris is cut off


class Command(BaseCommand):
    help = "Migrate, then serve the desk and run its background jobs, in one command."

    def add_arguments(self, parser):
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--workers", type=int, default=settings.WORKERS)
        parser.add_argument(
            "--no-jobs", action="store_true", help="leave background jobs to `manage.py worker`"
        )
        parser.add_argument("--tls-certificate", type=Path, help="serve https with this certificate (PEM)")
        parser.add_argument("--tls-key", type=Path, help="and its PKCS#8 key")

    def handle(self, *args, **options):
        raise_open_file_limit()
        call_command("migrate", verbosity=0, interactive=False)
        self.hand_down_database()
        os.environ["HOST"], os.environ["PORT"] = options["host"], str(options["port"])
        os.environ["WORKERS"] = str(options["workers"])
        jobs = None if options["no_jobs"] else subprocess.Popen([sys.executable, sys.argv[0], "worker"])
        try:
            server(options).serve()
        finally:
            if jobs:
                jobs.terminate()
                try:
                    jobs.wait(10)
                except subprocess.TimeoutExpired:
                    jobs.kill()

    def hand_down_database(self) -> None:
        """Give the workers the embedded server's address: they must not hold it open past this process."""
        parameters = connection.get_connection_params()
        connection.close()
        if settings.DATABASES["default"].get("EMBEDDED"):
            address = f"host={parameters['host']}&port={parameters['port']}"
            os.environ["DATABASE_URL"] = (
                f"postgresql://{parameters['user']}@/{parameters['dbname']}?{address}"
            )


def server(options: dict) -> Granian:
    """Return the configured server; its access log stays off, for login URLs carry tokens."""
    return Granian(
        "config.asgi:application",
        address=options["host"],
        port=options["port"],
        interface=Interfaces.ASGI,
        workers=options["workers"],
        loop=Loops.auto,
        http=HTTPModes.auto,
        websockets=False,
        backlog=4096,
        backpressure=20_000,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT),
        log_dictconfig=settings.LOGGING,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        ssl_cert=options["tls_certificate"],
        ssl_key=options["tls_key"],
    )


def raise_open_file_limit() -> None:
    """Allow as many open files as the system lets us: a stream is one, for hours."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 1_048_576
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
