"""`manage.py simulate` makes a believable busy desk for some minutes."""

import random
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from workstation import demo
from workstation.simulation import Simulation


class Command(BaseCommand):
    help = (
        "Let visitors come, write, wait and rate, and people of the demonstration answer them, for some "
        "minutes; builds the demonstration where it is not there. Ctrl-C ends it."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--visitors", type=int, default=50)
        parser.add_argument("--minutes", type=float, default=2.0)
        parser.add_argument("--agents", type=int, default=5, help="how many people answer (0: you do)")
        parser.add_argument("--seed", type=int, help="the same visitors, at the same times, as then")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["visitors"] <= 5000:
            raise CommandError("--visitors: expected 1 to 5000.")
        if not 0.01 <= options["minutes"] <= 24 * 60:
            raise CommandError("--minutes: expected 0.01 to 1440.")
        if not 0 <= options["agents"] <= 100:
            raise CommandError("--agents: expected 0 to 100.")
        seed = options["seed"]
        if seed is None:
            seed = random.randrange(1_000_000)  # noqa: S311 - nothing secret
        call_command("migrate", verbosity=0, interactive=False)
        demo.build()
        simulation = Simulation(
            visitors=options["visitors"],
            minutes=options["minutes"],
            agents=options["agents"],
            seed=seed,
            write=self._write,
        )
        names = ", ".join(user.shown_name for user in simulation.people) or "nobody but you"
        how_many, minutes = options["visitors"], options["minutes"]
        self._write(f"{how_many} visitors in {minutes:g} minutes, --seed {seed}; {names} answer.")
        try:
            simulation.run()
        except KeyboardInterrupt:
            self._write("Stopped.")
        self._write(simulation.summary())

    def _write(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
