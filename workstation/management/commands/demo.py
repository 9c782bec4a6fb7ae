"""`manage.py demo` fills the desk with people, teams, tickets, conversations and tokens to look at."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from workstation import demo
from workstation.demo.builder import password


class Command(BaseCommand):
    help = "Fill the desk with believable data, once; a second run changes nothing."

    def handle(self, *args, **options):
        call_command("migrate", verbosity=0, interactive=False)
        if demo.build():
            self.stdout.write(
                "The demonstration is ready: 8 people, 3 teams, 30 visitors, 200 tickets, 40 chats."
            )
        else:
            self.stdout.write("The demonstration was here already; nothing changed.")
        self.stdout.write(
            f"Everybody's password: {password()}  (sign in as admin, sofia, wangfang, agent, …)"
        )
