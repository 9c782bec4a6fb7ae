"""`manage.py issue_token USERNAME …` issues a token and prints it alone on its last line."""

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import create_user
from api.errors import Problem
from tokens.services import issue_token


class Command(BaseCommand):
    help = "Issue an access token; the last line printed is the token, shown this once."

    def add_arguments(self, parser):
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument(
            "--create-agent", action="store_true", help="make USERNAME an agent where there is none"
        )
        parser.add_argument("--name", default="", metavar="N")
        parser.add_argument(
            "--domain", action="append", default=[], metavar="HOST", help="repeatable; none: any page"
        )
        parser.add_argument(
            "--scope", action="append", default=[], metavar="NAME", help="repeatable; none: all"
        )
        parser.add_argument("--expires-in", type=int, metavar="SECONDS")
        parser.add_argument("--server-calls", action="store_true", help="servers (no Origin) may use it too")
        parser.add_argument("--disabled", action="store_true", help="issue it disabled")

    def handle(self, *args, **options):
        username = options["username"]
        user = User.objects.filter(username__iexact=username).first()
        if user is None and options["create_agent"]:
            user = create_user(username=username)
        if user is None:
            raise CommandError(f"There is no user {username!r} (--create-agent makes one).")
        try:
            issued = issue_token(
                user=user,
                name=options["name"],
                scope_names=options["scope"],
                entries=options["domain"],
                expires_in=options["expires_in"],
                allow_no_origin=options["server_calls"],
                disabled=options["disabled"],
            )
        except Problem as problem:
            raise CommandError(f"{problem.code}: {problem.detail}") from None
        self.stderr.write(
            f"Token {issued.row.pk} of {user.username}, until {issued.row.expires_at:%Y-%m-%d %H:%M} UTC."
        )
        self.stdout.write(issued.text)
