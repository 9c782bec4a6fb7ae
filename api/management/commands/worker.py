"""`manage.py worker` runs the background jobs: procrastinate and its timetable, and the relay of a fleet."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from api import background


class Command(BaseCommand):
    help = "Run the background jobs."

    def handle(self, *args, **options):
        for start in background.companions:
            start()
        # More than cores: jobs wait for other servers most of the time, robots for language models.
        call_command("procrastinate", "worker", "--concurrency", "8", "--delete-jobs", "successful")
