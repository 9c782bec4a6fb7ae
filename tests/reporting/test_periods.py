"""Periods and their buckets, in the caller's timezone."""

import pytest

from api.errors import Problem
from reporting.periods import GRAINS, parse
from tests.reporting.work import utc

KNOWN = frozenset({"from", "to", "timezone", "groupBy"})
NOON = utc(2026, 11, 23, 12)


def period(*, now=NOON, grain=None, **given):
    given = {"from" if name == "since" else name: text for name, text in given.items()}
    return parse(given, now=now, grain=grain, known=KNOWN)


def hours(of):
    ends = [*of.beginnings[1:], of.end]
    return [(end - start).total_seconds() / 3600 for start, end in zip(of.beginnings, ends, strict=True)]


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Africa/Cairo", "2026-04-24", 23),  # midnight itself is skipped
        ("Asia/Kathmandu", "2026-04-05", 24),
        ("UTC", "2026-03-08", 24),
    ],
)
def test_a_day_is_as_long_as_its_timezone_says(zone, day, length):
    found = period(since=day, to=day, timezone=zone, groupBy="day")
    assert (found.labels, hours(found)) == ([day], [length])


def test_the_hour_that_summer_time_skips_has_no_bucket_and_the_one_it_repeats_has_two():
    spring = period(since="2026-03-08", to="2026-03-08", timezone="America/New_York", groupBy="hour")
    assert spring.labels[1:3] == ["2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00"]
    autumn = period(since="2026-11-01", to="2026-11-01", timezone="America/New_York", groupBy="hour")
    assert autumn.labels[1:3] == ["2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00"]
    assert len(autumn.labels) == 25


def test_where_the_clock_moves_by_half_an_hour_one_bucket_is_longer():
    found = period(since="2026-04-05", to="2026-04-05", timezone="Australia/Lord_Howe", groupBy="hour")
    assert sorted(set(hours(found))) == [1.0, 1.5]


def test_weeks_begin_on_monday_and_months_on_their_first_day():
    weeks = period(since="2026-11-01", to="2026-11-15", groupBy="week")
    assert weeks.labels == ["2026-10-26", "2026-11-02", "2026-11-09"]
    assert weeks.bounds[0] == utc(2026, 11, 1)
    months = period(since="2026-01-31", to="2026-03-01", groupBy="month")
    assert months.labels == ["2026-01-01", "2026-02-01", "2026-03-01"]


def test_without_anything_the_period_is_the_last_thirty_days_to_the_end_of_today():
    found = period(grain="day", timezone="Pacific/Auckland", now=utc(2026, 11, 23, 12))
    assert (found.labels[0], found.labels[-1], len(found.labels)) == ("2026-10-26", "2026-11-24", 30)


def test_times_are_widened_to_the_quarters_of_an_hour_around_them():
    found = period(since="2026-11-01T10:07:00Z", to="2026-11-01T11:01:00+00:00")
    assert (found.start, found.end) == (utc(2026, 11, 1, 10), utc(2026, 11, 1, 11, 15))


@pytest.mark.parametrize(
    ("given", "parameter"),
    [
        ({"since": "yesterday"}, "from"),
        ({"since": "2026-13-01"}, "from"),
        ({"since": "0001-01-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"to": "9999-12-31T23:59:59-12:00"}, "to"),
        ({"since": "2026-02-02", "to": "2026-02-01"}, "to"),
        ({"since": "2026-02-02T10:00Z", "to": "2026-02-02T10:00Z"}, "to"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "EST5EDT4"}, "timezone"),
        ({"groupBy": "minute"}, "groupBy"),
        ({"since": "2026-01-01", "to": "2026-06-01", "groupBy": "hour"}, "from"),
        ({"since": "2020-01-01", "to": "2026-06-01", "groupBy": "day"}, "from"),
        ({"since": "2003-01-01", "to": "2026-06-01"}, "from"),
        ({"since": "2026-01-01", "until": "2026-06-01"}, "until"),
    ],
)
def test_what_cannot_be_read_is_refused_by_the_name_of_its_parameter(given, parameter):
    with pytest.raises(Problem) as refused:
        period(**given)
    assert refused.value.status == 400
    assert refused.value.extra["parameter"] == parameter


@pytest.mark.parametrize("grain", GRAINS)
@pytest.mark.parametrize(
    "zone", ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca"]
)
def test_buckets_follow_each_other_without_gap_or_overlap(grain, zone):
    found = period(since="2026-02-20", to="2026-05-10", timezone=zone, groupBy=grain)
    assert found.bounds == sorted(set(found.bounds))
    assert found.bounds[0] == found.start
    assert found.bounds[-1] < found.end
    assert len(set(found.labels)) == len(found.labels)
