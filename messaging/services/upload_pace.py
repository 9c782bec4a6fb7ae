"""How much visitors may upload: each one, each address, and all of them together.

Counted in the database, so that it holds for all processes and for uploads at the same moment. Visitors cost
nothing to make, so a visitor's own quota alone bounds nobody.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from api.errors import Problem
from api.requests import site_of
from messaging import attachments_queries as queries
from messaging.models import DiscardedFile, UploadPace
from settings_app.queries import setting

LOCK = 7_254_021  # of pg_advisory_xact_lock: any number nobody else of this database uses
KEPT = timedelta(hours=25)
MEBIBYTE = 1024 * 1024

COUNT = """
    INSERT INTO messaging_uploadpace (source, hour, files, size) VALUES (%s, %s, 1, %s)
    ON CONFLICT (source, hour) DO UPDATE
    SET files = messaging_uploadpace.files + 1, size = messaging_uploadpace.size + excluded.size"""


@dataclass(frozen=True)
class Quota:
    """What one source of uploads, a visitor or an address, may send."""

    source: str  # as UploadPace keeps it
    files: int  # in an hour of the clock
    size: int  # bytes in this hour and the 23 before it


def of_visitor(visitor_id: object) -> str:
    """Return the source that a visitor is."""
    return _sign(f"visitor:{visitor_id}")


def of_address(address: str) -> str:
    """Return the source that an address is: an IPv6 address counts with its network of 64 bits."""
    return _sign(f"address:{site_of(address)}")


def check(quotas: Iterable[Quota]) -> None:
    """Raise Problem `throttled` when one of the quotas is used up."""
    _check(quotas, timezone.now())


def admit(*, quotas: Iterable[Quota], size: int, key: str, due_at: datetime) -> None:
    """Count a file of a visitor and name it to the sweep, before it is written: its bytes are reserved now.

    A file whose storage fails stays counted. Raises Problem `throttled`, and counts nothing, when a quota is
    used up or the files that visitors have not sent take too much room (chat.unsentMegabytes).
    """
    now, quotas = timezone.now(), list(quotas)
    with transaction.atomic(), connection.cursor() as cursor:
        # A statement of its own: the next one sees what was counted before.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        _check(quotas, now)
        if queries.unsent_of_visitors() + size > setting("chat", "unsentMegabytes") * MEBIBYTE:
            detail = "Too many files are waiting to be sent: try again later."
            raise Problem("throttled", detail, headers={"Retry-After": "600"})
        for each in quotas:
            cursor.execute(COUNT, [each.source, _hour(now), size])
        DiscardedFile.objects.create(key=key, due_at=due_at, size=size)


def forget_pace() -> None:
    """Delete the counts that no quota asks for any more."""
    UploadPace.objects.filter(hour__lt=timezone.now() - KEPT).delete()


def _check(quotas: Iterable[Quota], now: datetime) -> None:
    quotas, hour = list(quotas), _hour(now)
    sent = queries.paced([each.source for each in quotas], hour)
    for each in quotas:
        if sent[each.source].count >= each.files:
            later = str(int((hour + timedelta(hours=1) - now).total_seconds()) + 1)
            raise Problem(
                "throttled", "Too many files in an hour: wait a while.", headers={"Retry-After": later}
            )
        if sent[each.source].size >= each.size:
            raise Problem("throttled", "Too much was sent today.", headers={"Retry-After": "3600"})


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _sign(source: str) -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), f"inlay.upload:{source}".encode(), "sha256").hex()
