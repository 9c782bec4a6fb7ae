"""`manage.py rebuild_statistics [--check]`: the roll-ups made anew, and proven equal to the tables."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reporting import services
from reporting.models import Figure


class Command(BaseCommand):
    help = "Makes the roll-ups of the statistics anew from the tables, and proves that they equal them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only compare; exit 1 where they differ.")

    def handle(self, *args: Any, **options: Any) -> None:
        before, after = (services.differences(), []) if options["check"] else services.rebuild_statistics()
        for kind, figure, at, agent, team, truth, kept in before[:20]:
            whose = f"agent {agent}, team {team}" if kind == "agent" else f"team {team}"
            self.stdout.write(
                f"{Figure(figure).label} {at:%Y-%m-%d %H:%M}Z {whose}: kept {kept[0]} ({kept[1]} ms), "
                f"truth {truth[0]} ({truth[1]} ms)"
            )
        if after:
            raise CommandError(f"{len(after)} roll-ups still differ from the tables.")
        if before and options["check"]:
            raise CommandError(f"{len(before)} roll-ups differ; run without --check to mend them.")
        self.stdout.write(
            f"{len(before)} roll-ups mended; all equal the tables."
            if before
            else "All roll-ups equal the tables."
        )
