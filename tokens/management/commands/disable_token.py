"""`manage.py disable_token` reads a token from standard input and returns once it is disabled everywhere."""

import sys

from django.core.management.base import BaseCommand, CommandError

from events.barrier import wait_for_hubs
from tokens import jwt
from tokens.models import AccessToken, State
from tokens.services import disable_token


class Command(BaseCommand):
    help = "Disable the access token on standard input; return once no request or stream can use it any more."

    def handle(self, *args, **options):
        # By its hash alone: a token that expired, or whose key was removed, is still known.
        text = sys.stdin.readline().strip()
        row = AccessToken.objects.filter(token_hash=jwt.hash_of(text)).first()
        if row is None:
            raise CommandError("There is no such token.")
        if row.state != State.REVOKED:
            row = disable_token(row=row, reason="command")
        if not wait_for_hubs():
            raise CommandError(
                f"Token {row.pk} is {row.state_at()}, but not every process said that its streams ended.",
                returncode=2,
            )
        self.stdout.write(f"Token {row.pk} is {row.state_at()}; that holds everywhere.")
