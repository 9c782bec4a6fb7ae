"""`manage.py identity_secret`."""

from typing import Any

from django.core.management.base import BaseCommand

from messaging.chat.credentials import identity_secret


class Command(BaseCommand):
    help = "Print the secret with which embedding sites sign who their visitor is (docs/chat.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(identity_secret())
