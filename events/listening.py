"""Who has a stream open: noted by every hub now and then, read by who must know that somebody is gone."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from events.models import Listening

NOBODY = UUID(int=0)  # the row of the hubs themselves
BEAT = 15.0  # seconds between two notes of all who listen to a hub; who comes or goes is noted at once
GAP = timedelta(seconds=3 * BEAT)  # who was noted no later than this ago has listened all the time

# Always in the order of the ids: two hubs that note the same people must not wait for each other in a circle.
NOTE = """
    INSERT INTO events_listening AS known (user_id, since, seen_at)
    SELECT each, now(), now() FROM unnest(%s::uuid[]) AS each ORDER BY each
    ON CONFLICT (user_id) DO UPDATE SET seen_at = now(),
        since = CASE WHEN known.seen_at < now() - %s THEN now() ELSE known.since END"""


def note(user_ids: Iterable[UUID]) -> None:
    """Note that these people have, or just had, a stream open here; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [[NOBODY, *user_ids], GAP])


def heard_without_gap_since(moment: datetime) -> bool:
    """Whether hubs have been there all the time since a moment: else nobody could have listened."""
    return Listening.objects.filter(
        user_id=NOBODY, since__lte=moment, seen_at__gte=timezone.now() - GAP
    ).exists()


def anybody_left(before: datetime) -> bool:
    """Whether somebody has listened on the day before a moment, and not since."""
    return Listening.objects.filter(seen_at__lt=before, seen_at__gt=before - timedelta(days=1)).exists()
