"""`manage.py worker` runs the background jobs: procrastinate, and its timetable."""

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the background jobs."

    def handle(self, *args, **options):
        call_command("procrastinate", "worker", "--concurrency", "2", "--delete-jobs", "successful")
