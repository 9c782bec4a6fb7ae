"""`manage.py check_token [--origin URL] [--path …]` reads a token from standard input and says what will
happen.
"""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from tokens import doctor

SIGNS = {doctor.GOOD: "ok     ", doctor.NOTE: "note   ", doctor.WARNING: "warning", doctor.ERROR: "ERROR  "}


class Command(BaseCommand):
    help = "Say what will happen with the access token on standard input, and why; exit 1 if it cannot work."

    def add_arguments(self, parser):
        parser.add_argument(
            "--origin", metavar="URL", help="the page that uses the token: https://host[:port]"
        )
        parser.add_argument("--path", default=doctor.LOGIN, help=f"what it opens or calls ({doctor.LOGIN})")
        parser.add_argument(
            "--desk",
            metavar="URL",
            help="where browsers reach this desk; it is then also asked for its headers",
        )

    def handle(self, *args, **options):
        text = sys.stdin.readline()
        desk = (options["desk"] or f"http://{settings.HOST}:{settings.PORT}").rstrip("/")
        findings = doctor.diagnose(text, options["origin"], options["path"], desk)
        if options["desk"]:
            findings += doctor.probe(desk)
        for finding in findings:
            self.stdout.write(f"{SIGNS[finding.level]}  {finding.code}: {finding.text}")
            if finding.fix and finding.level != doctor.GOOD:
                self.stdout.write(f"         → {finding.fix}")
        if not doctor.works(findings):
            self.stdout.write("It will not work.")
            sys.exit(1)
        self.stdout.write("It will work.")
