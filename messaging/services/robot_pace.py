"""How many answers robots may give that cost something: a language model's, or those of an own responder.

Counted in the database, so that it holds for all workers at once: for each visitor, for each address
(visitors cost nothing to make), and for the whole desk, by the minute and by the day of the clock. What is
refused counts nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from messaging.models import RobotAsker, RobotPace
from messaging.services.upload_pace import of_address, of_user, of_visitor
from settings_app.queries import setting

LOCK = 7_254_022  # of pg_advisory_xact_lock: any number nobody else of this database uses
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
KEPT = timedelta(hours=25)
TRIES_PER_MINUTE = 20  # questions that one admin or supervisor tries on robots
TRIES_PER_DAY = 200  # that cost something, of all admins and supervisors
DESK, TRIES = "desk", "tries"

COUNT = """
    INSERT INTO messaging_robotpace (source, begin, answers)
    SELECT unnest(%s::text[]), unnest(%s::timestamptz[]), 1
    ON CONFLICT (source, begin) DO UPDATE SET answers = messaging_robotpace.answers + 1"""
HEARD_FROM = """
    INSERT INTO messaging_robotasker (thread_id, source, at) VALUES (%s, %s, now())
    ON CONFLICT (thread_id) DO UPDATE SET source = excluded.source, at = excluded.at"""


@dataclass(frozen=True, slots=True)
class Refused:
    """No answer now, but in so many seconds; `today` where the desk has had its answers of a day."""

    seconds: int
    today: bool = False


@dataclass(frozen=True, slots=True)
class _Quota:
    source: str
    window: timedelta
    most: int


def heard_from(*, thread_id: UUID, address: str) -> None:
    """Note from which address the visitor of a robot's conversation writes, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(HEARD_FROM, [thread_id, of_address(address)])


def admit(*, thread_id: UUID, visitor_id: UUID | None) -> Refused | None:
    """Count an answer to a visitor, before it is made; return what stands against it, if anything does."""
    quotas = _of_desk()
    if visitor_id:
        quotas.append(_Quota(of_visitor(visitor_id), MINUTE, setting("chat", "robotAnswersPerMinute")))
    source = RobotAsker.objects.filter(pk=thread_id).values_list("source", flat=True).first()
    if source:
        quotas.append(_Quota(source, MINUTE, setting("chat", "robotAddressAnswersPerMinute")))
    return _admit(quotas)


def admit_try(*, user_id: UUID, costs: bool) -> Refused | None:
    """Count a question that somebody of the desk tries on a robot; return what stands against it.

    Visitors' answers are never used up so. A desk that allows fewer of them in a day allows no more tries.
    """
    quotas = [_Quota(of_user(user_id), MINUTE, TRIES_PER_MINUTE)]
    if costs:
        quotas.append(_Quota(TRIES, DAY, min(TRIES_PER_DAY, setting("chat", "robotDeskAnswersPerDay"))))
    return _admit(quotas)


def forget_pace() -> None:
    """Delete the counts that no quota asks for any more, and from where nobody has written for a day."""
    old = timezone.now() - KEPT
    RobotPace.objects.filter(begin__lt=old).delete()
    RobotAsker.objects.filter(at__lt=old).delete()


def _of_desk() -> list[_Quota]:
    return [
        _Quota(DESK, DAY, setting("chat", "robotDeskAnswersPerDay")),
        _Quota(f"{DESK}:minute", MINUTE, setting("chat", "robotDeskAnswersPerMinute")),
    ]


def _admit(quotas: Sequence[_Quota]) -> Refused | None:
    now = timezone.now()
    begins = {each.source: _begin(now, each.window) for each in quotas}
    with transaction.atomic(), connection.cursor() as cursor:
        # A statement of its own: the next one sees what was counted before.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        rows = RobotPace.objects.filter(source__in=begins, begin__in=set(begins.values()))
        had = {
            (source, begin): answers
            for source, begin, answers in rows.values_list("source", "begin", "answers")
        }
        for each in quotas:
            begin = begins[each.source]
            if had.get((each.source, begin), 0) >= each.most:
                wait = begin + each.window - now
                return Refused(int(wait.total_seconds()) + 1, today=each.window == DAY)
        cursor.execute(COUNT, [list(begins), list(begins.values())])
    return None


def _begin(now: datetime, window: timedelta) -> datetime:
    now = now.replace(second=0, microsecond=0)
    return now if window == MINUTE else now.replace(hour=0, minute=0)
