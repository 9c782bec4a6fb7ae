"""`manage.py worker` runs the background jobs: procrastinate and its timetable, and the relay of a fleet."""

from django.core.management.base import BaseCommand

from api import background, jobs


class Command(BaseCommand):
    help = "Run the background jobs."

    def handle(self, *args, **options):
        for start in background.companions:
            start()
        jobs.run()
