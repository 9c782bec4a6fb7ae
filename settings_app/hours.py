"""Opening hours: whether a desk is open at a moment, and when it opens next; pure, nothing is read or stored.

A span belongs to the day on which it begins, and may end after midnight. A holiday is closed from midnight to
midnight: no span begins on it, and one from the evening before ends there. Where clocks are changed, a time
that comes twice opens at its first and closes at its second; a time that is left out is when clocks go on.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_SPANS = 12  # a day
MOST_HOLIDAYS = 400
DAY = 24 * 60  # minutes
SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))", re.ASCII)  # noqa: RUF001
A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)

Span = tuple[int, int]  # minutes after midnight; one that ends the next day ends after 24 hours


@dataclass(frozen=True)
class Hours:
    """When something is open: `week` holds the spans of Monday to Sunday. Not `enabled`: always."""

    enabled: bool = False
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    week: tuple[tuple[Span, ...], ...] = ((),) * 7
    holidays: frozenset[date] = frozenset()
    closed_text: str = ""


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether it is open at a moment."""
    if not hours.enabled:
        return True
    today = at.astimezone(hours.zone).date()
    return any(begin <= at < end for day in (today - A_DAY, today) for begin, end in _openings(hours, day))


def opens_at(hours: Hours, at: datetime) -> datetime | None:
    """Return when it is open next: `at` itself when it is open then, None where it never opens again."""
    if is_open(hours, at):
        return at
    if not any(hours.week):
        return None
    day = at.astimezone(hours.zone).date() - A_DAY
    # Each holiday closes at most one week's only opening, so this many weeks hold one that is left.
    for _ in range(7 * (len(hours.holidays) + 2)):
        begins = [begin for begin, _ in _openings(hours, day) if begin > at]
        if begins:
            return min(begins)
        if day == date.max:
            return None
        day += A_DAY
    return None


def _openings(hours: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Return when a day's spans begin and end, as moments."""
    if day in hours.holidays:
        return
    for begin, end in hours.week[day.weekday()]:
        if end > DAY and day + A_DAY in hours.holidays:
            end = DAY
        first, last = _moment(hours.zone, day, begin), _moment(hours.zone, day, end, last=True)
        if first < last:  # else the clock leaves out all of it
            yield first, last


def _moment(zone: ZoneInfo, day: date, minutes: int, *, last: bool = False) -> datetime:
    """Return when the clock of a zone shows a time: of two such moments the first, or the last."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    both = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    moment = both[1] if last else both[0]
    if both[0].astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    moment = both[0]
    while moment.astimezone(zone).replace(tzinfo=None) < wall:  # it is left out: the first that is later
        moment += A_MINUTE
    return moment


def hours_of(values: Mapping[str, Any], *, zone: str) -> Hours:
    """Return the hours that checked values (`enabled, timezone, monday … sunday, holidays, closedText`) say;
    `zone` is the one where they name none. A zone that is not known counts as UTC.
    """
    name = values.get("timezone") or zone
    return Hours(
        enabled=values.get("enabled", False),
        zone=ZoneInfo(name if name in zones() else "UTC"),
        week=tuple(tuple(map(span_of, values.get(day, ()))) for day in WEEKDAYS),
        holidays=frozenset(map(date.fromisoformat, values.get("holidays", ()))),
        closed_text=values.get("closedText", ""),
    )


def span_of(text: str) -> Span:
    """Return what `09:00-17:30` says. Raises ValueError for what is no span."""
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:40]!r} is no span such as 09:00-17:30.")
    begin = int(found[1]) * 60 + int(found[2])
    end = int(found[3] or found[5]) * 60 + int(found[4] or found[6])
    if begin == end:
        raise ValueError(f"{text[:40]!r} ends when it begins; the whole day is 00:00-24:00.")
    return begin, end if end > begin else end + DAY


def check_spans(value: Iterable[str]) -> str:
    """Return what is wrong with the spans of a day, or ""."""
    try:
        spans = sorted(map(span_of, value))
    except ValueError as error:
        return str(error)
    if len(spans) > MOST_SPANS:
        return f"Expected at most {MOST_SPANS} spans a day."
    for (_, end), (begin, _) in zip(spans, spans[1:], strict=False):
        if begin < end:
            return f"A span begins at {_clock(begin)}, before another one has ended at {_clock(end)}."
    return ""


def check_days(value: Iterable[str]) -> str:
    """Return what is wrong with a list of dates, or ""."""
    days = list(value)
    if len(days) > MOST_HOLIDAYS:
        return f"Expected at most {MOST_HOLIDAYS} days."
    for text in days:
        try:
            date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else date(0, 0, 0)
        except ValueError:
            return f"{text[:40]!r} is no date such as 2026-12-25."
    if len(set(days)) < len(days):
        return "A date is there twice."
    return ""


def check_zone(value: str) -> str:
    """Return what is wrong with the name of a time zone, or ""; none is right too."""
    return "" if not value or value in zones() else "Expected a time zone such as Europe/Berlin."


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "posixrules"})


def _clock(minutes: int) -> str:
    day, rest = divmod(minutes, DAY)
    return f"{rest // 60:02d}:{rest % 60:02d}" + (" of the next day" if day and rest else "")
