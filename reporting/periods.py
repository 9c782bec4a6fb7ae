"""The period a caller asks for, and its buckets in the caller's timezone.

Boundaries are computed here once, with IANA rules, and given to PostgreSQL as moments: days of 23 and 25
hours are right, empty buckets exist, and both sides cannot disagree about a zone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo, available_timezones

from api.errors import Problem
from api.filters import parse_moment, refuse

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
# The longest period of each grain: what a chart can show, and what one answer may cost.
LONGEST = {
    None: timedelta(days=3660),
    "hour": timedelta(days=92),
    "day": timedelta(days=1098),
    "week": timedelta(days=3660),
    "month": timedelta(days=3660),
}
GRAINS = ("hour", "day", "week", "month")
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
DEFAULT_DAYS = 30


@dataclass(frozen=True)
class Period:
    """From `start` to before `end`, both on a quarter of an hour, cut into buckets of `grain` in `zone`."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    grain: str | None

    @cached_property
    def beginnings(self) -> list[datetime]:
        """The beginning of each bucket; the first may lie before `start`. Without a grain there is one."""
        return [moment.astimezone(UTC) for moment in self._walk()] if self.grain else [self.start]

    @cached_property
    def bounds(self) -> list[datetime]:
        """The same, the first cut at `start`: what width_bucket() takes."""
        return [self.start, *self.beginnings[1:]]

    @property
    def on_full_hours(self) -> bool:
        """Whether every boundary is a full hour of UTC; in few zones it is not."""
        return not any(moment.minute for moment in (*self.bounds, self.end))

    @cached_property
    def labels(self) -> list[str]:
        """How each bucket is called: its local date, or for hours its local time with the offset."""
        local = (moment.astimezone(self.zone) for moment in self.beginnings)
        return [each.isoformat() if self.grain == "hour" else each.date().isoformat() for each in local]

    def _walk(self) -> Iterator[datetime]:
        if self.grain == "hour":
            moment = self.start
            while moment.astimezone(self.zone).minute:
                moment -= QUARTER
            while moment < self.end:
                yield moment
                moment += timedelta(hours=1)
                while moment.astimezone(
                    self.zone
                ).minute:  # where summer time moves the clock by half an hour
                    moment += QUARTER
            return
        day = self.start.astimezone(self.zone).date()
        if self.grain == "week":
            day -= timedelta(days=day.weekday())
        elif self.grain == "month":
            day = day.replace(day=1)
        while (moment := midnight(day, self.zone)) < self.end:
            yield moment
            if self.grain == "month":
                day = (day + timedelta(days=31)).replace(day=1)
            else:
                day += DAY * (7 if self.grain == "week" else 1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins, in UTC; where summer time skips midnight, the first moment after it."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def parse(
    given: Mapping[str, str], *, now: datetime, grain: str | None, known: frozenset[str], zone: str = "UTC"
) -> Period:
    """Return the period that `from`, `to`, `timezone` and `groupBy` name; without them the last 30 days.

    Dates are days of the timezone and `to` includes its day; times are widened to the quarters of an
    hour around them, and `to` excludes its moment. `grain` and `zone` are the defaults of groupBy and
    timezone. Raises Problem `unknown_parameter` or `invalid_parameter`.
    """
    for name in sorted(given):
        if name not in known:
            listed = ", ".join(sorted(known))
            raise Problem(
                "unknown_parameter", f"{name[:80]!r} is unknown. Known: {listed}.", parameter=name[:80]
            )
    place = _zone(given.get("timezone") or zone)
    grain = given.get("groupBy") or grain
    if grain is not None and grain not in GRAINS:
        raise refuse("groupBy", grain, f"one of {', '.join(GRAINS)}")
    end = _moment("to", given["to"], place, whole_day=True) if given.get("to") else None
    if given.get("from"):
        start = _moment("from", given["from"], place)
    else:
        last = ((end or now) - timedelta(microseconds=1)).astimezone(place).date()
        start = midnight(last - DAY * (DEFAULT_DAYS - 1), place)
    end = end or max(midnight(now.astimezone(place).date() + DAY, place), start + QUARTER)
    if end <= start:
        raise Problem("invalid_parameter", "`to` must be after `from`.", parameter="to")
    if end - start > LONGEST[grain]:
        most = f"{LONGEST[grain].days} days" + (f" by {grain}" if grain else "")
        raise Problem("invalid_parameter", f"The period is too long: at most {most}.", parameter="from")
    return Period(start, end, place, grain)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "posixrules"})


def _zone(name: str) -> ZoneInfo:
    if name not in _zones():
        raise refuse("timezone", name, "an IANA name such as Europe/Berlin")
    return ZoneInfo(name)


def _moment(name: str, text: str, zone: ZoneInfo, *, whole_day: bool = False) -> datetime:
    """Return the moment a parameter names: `from` down to its quarter of an hour, `to` up to it."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        raise refuse(name, text, "a date (2026-01-31) or a time in ISO 8601") from None
    moment = midnight(day, zone) if day and _known(day) else parse_moment(name, text)
    if not _known(moment.date()):
        raise refuse(name, text, f"a time from {EARLIEST.year} to {LATEST.year}")
    if day:
        return midnight(day + DAY, zone) if whole_day else moment
    over = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + (QUARTER if whole_day and over else timedelta(0))


def _known(day: date) -> bool:
    return EARLIEST <= day <= LATEST
