"""`manage.py run` is what `make run` does: a desk to look at, how to get in, and the server."""

import socket

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.roles import ADMIN, AGENT
from settings_app.queries import setting
from tokens.services import issue_token
from workstation import demo
from workstation.demo.builder import password

LINKS_LAST = 7 * 86_400  # seconds


class Command(BaseCommand):
    help = "Fill an empty desk with the demonstration, print how to get in, and serve."

    def add_arguments(self, parser):
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--workers", type=int, default=settings.WORKERS)

    def handle(self, *args, **options):
        host, port = options["host"], options["port"]
        refuse_busy_port(host, port)
        call_command("migrate", verbosity=0, interactive=False)
        if not User.objects.exists():
            demo.build()
        for line in lines(url_of(host, port)):
            self.stdout.write(line)
        self.stdout.flush()
        call_command("serve", host=host, port=port, workers=options["workers"])


def lines(url: str) -> list[str]:
    """Return how to get in, one line each: the desk, the admin's password, a link for an admin and for an
    agent."""
    shown = [f"Inlay:        {url}/"]
    active = User.objects.filter(is_active=True).order_by("created_at")
    admins = active.filter(role=ADMIN)
    admin = admins.filter(username="admin").first() or admins.first()
    agents = active.filter(role=AGENT)
    agent = agents.filter(username="agent").first() or agents.first() or active.first()
    if admin:
        known = admin.check_password(password()) if demo.is_built() else False
        shown.append(
            f"Admin login:  {url}/admin/  {admin.username} / {password() if known else '(your password)'}"
        )
        shown.append(f"Admin link:   {url}/admin/auth/login?accessToken={link_token(admin, url)}")
    else:
        shown.append("Admin login:  there is no admin yet: manage.py createsuperuser makes one")
    if agent:
        shown.append(f"Agent link:   {url}/agent/auth/login?accessToken={link_token(agent, url)}")
    return shown


def link_token(user: User, url: str) -> str:
    """Return a fresh token for a link clicked anywhere. Where the desk insists on domains, only its own is
    named, and a click without a referrer is still let in."""
    strict = setting("tokens", "requireDomains")
    issued = issue_token(
        user=user,
        name="Link of `manage.py run`",
        entries=[url] if strict else [],
        allow_no_origin=strict,
        expires_in=min(LINKS_LAST, setting("tokens", "lifetimeLongest")),
        issuer=url,
    )
    return issued.text


def url_of(host: str, port: int) -> str:
    """Return where a browser on this machine finds the desk."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    return f"http://{everywhere.get(host, f'[{host}]' if ':' in host else host)}:{port}"


def refuse_busy_port(host: str, port: int) -> None:
    """Raise CommandError when the server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        raise CommandError(
            f"Cannot listen on {host} port {port}: {error}. Stop what runs there, or choose another --port."
        ) from None
