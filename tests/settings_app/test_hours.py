"""Opening hours: spans, nights, holidays, changed clocks; the settings group, and a team's own."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from events.models import Event
from settings_app.hours import Hours, check_days, check_spans, check_zone, is_open, opens_at, span_of
from settings_app.queries import hours_kept
from settings_app.services import change_settings
from tests import factories
from tests.admin_pages import AdminPages

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def hours(*week: str, zone: ZoneInfo = BERLIN, holidays: tuple[str, ...] = ()) -> Hours:
    """Return hours from a text for each day, Monday first: its spans, separated by blanks."""
    days = [tuple(map(span_of, day.split())) for day in week] + [()] * (7 - len(week))
    return Hours(True, zone, tuple(days), frozenset(map(date.fromisoformat, holidays)))


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


WORK = hours(*["09:00-12:00 13:00-17:30"] * 5)  # 2 November 2026 is a Monday


@pytest.mark.parametrize(
    ("moment", "open_then", "opens"),
    [
        ("2026-11-02T08:59:59", False, "2026-11-02T09:00"),
        ("2026-11-02T09:00:00", True, "2026-11-02T09:00"),
        ("2026-11-02T11:59:59", True, "2026-11-02T11:59:59"),
        ("2026-11-02T12:00:00", False, "2026-11-02T13:00"),
        ("2026-11-02T17:30:00", False, "2026-11-03T09:00"),
        ("2026-11-06T18:00:00", False, "2026-11-09T09:00"),
        ("2026-11-07T10:00:00", False, "2026-11-09T09:00"),
    ],
)
def test_several_spans_a_day_and_a_weekend(moment, open_then, opens):
    assert is_open(WORK, at(moment)) is open_then
    assert opens_at(WORK, at(moment)) == at(opens)


def test_the_zone_decides_whatever_the_zone_of_the_question():
    asked = at("2026-11-02T09:30", NEW_YORK)  # 15:30 in Berlin
    assert is_open(WORK, asked) and is_open(WORK, asked.astimezone(UTC))
    assert not is_open(hours("09:00-17:00", zone=NEW_YORK), at("2026-11-02T09:30"))


def test_hours_that_are_not_kept_are_always_open():
    assert is_open(Hours(), at("2026-11-01T03:00"))
    assert opens_at(Hours(), at("2026-11-01T03:00")) == at("2026-11-01T03:00")


def test_a_desk_without_any_hours_never_opens():
    assert not is_open(hours(), at("2026-11-02T10:00"))
    assert opens_at(hours(), at("2026-11-02T10:00")) is None


class TestNights:
    NIGHT = hours("22:00-06:00", "", "", "", "", "", "20:00-24:00")

    @pytest.mark.parametrize(
        ("moment", "open_then"),
        [
            ("2026-11-02T21:59", False),
            ("2026-11-02T22:00", True),
            ("2026-11-03T00:00", True),
            ("2026-11-03T05:59", True),
            ("2026-11-03T06:00", False),
            ("2026-11-03T22:30", False),
            ("2026-11-08T23:59", True),
            ("2026-11-09T00:00", False),
        ],
    )
    def test_a_span_belongs_to_the_day_it_begins_on(self, moment, open_then):
        assert is_open(self.NIGHT, at(moment)) is open_then

    def test_the_next_opening_is_found_from_within_the_day_after(self):
        assert opens_at(self.NIGHT, at("2026-11-03T06:00")) == at("2026-11-08T20:00")

    def test_a_whole_week_round_the_clock_has_no_gap(self):
        always = hours(*["00:00-24:00"] * 7)
        begin = at("2026-10-24T00:00").astimezone(UTC)
        assert all(is_open(always, begin + timedelta(minutes=15 * each)) for each in range(4 * 24 * 3))


class TestHolidays:
    def test_a_holiday_is_closed_from_midnight_to_midnight(self):
        nights = hours(*["22:00-06:00"] * 7, holidays=("2026-12-25",))
        assert is_open(nights, at("2026-12-24T23:59"))
        assert not is_open(nights, at("2026-12-25T00:00"))
        assert not is_open(nights, at("2026-12-25T23:00"))
        assert not is_open(nights, at("2026-12-26T03:00"))
        assert opens_at(nights, at("2026-12-25T00:00")) == at("2026-12-26T22:00")

    def test_a_week_of_holidays_is_passed_over(self):
        days = tuple(f"2026-12-{day}" for day in range(21, 32)) + ("2027-01-01",)
        closed = hours(*["09:00-17:00"] * 5, holidays=days)
        assert opens_at(closed, at("2026-12-18T17:00")) == at("2027-01-04T09:00")

    def test_years_of_holidays_on_the_only_weekday_are_passed_over_too(self):
        first = date(2026, 11, 2)
        days = tuple((first + timedelta(weeks=week)).isoformat() for week in range(150))
        mondays = hours("09:00-10:00", holidays=days)
        assert opens_at(mondays, at("2026-11-01T00:00")).date() == first + timedelta(weeks=150)


class TestChangedClocks:
    def test_in_autumn_a_time_that_comes_twice_opens_at_the_first_and_closes_at_the_second(self):
        # Berlin, 25 October 2026: 03:00 becomes 02:00.
        sunday = hours(*[""] * 6, "02:15-02:45")
        assert is_open(sunday, at("2026-10-25T02:15", fold=0))
        assert is_open(sunday, at("2026-10-25T02:50", fold=0))
        assert is_open(sunday, at("2026-10-25T02:44", fold=1))
        assert not is_open(sunday, at("2026-10-25T02:45", fold=1))

    def test_in_autumn_the_long_night_is_an_hour_longer(self):
        night = hours(*[""] * 5, "22:00-06:00")
        opened = [
            minute
            for minute in range(12 * 60)
            if is_open(night, at("2026-10-24T21:00").astimezone(UTC) + timedelta(minutes=minute))
        ]
        assert (len(opened), opened[0]) == (9 * 60, 60)

    def test_in_spring_a_time_that_is_left_out_is_when_the_clock_goes_on(self):
        # New York, 8 March 2026: 02:00 becomes 03:00.
        sunday = hours(*[""] * 6, "02:30-05:00", zone=NEW_YORK)
        turn = datetime(2026, 3, 8, 7, tzinfo=UTC)
        assert opens_at(sunday, turn - timedelta(minutes=1)) == turn
        assert is_open(sunday, turn) and not is_open(sunday, at("2026-03-08T05:00", NEW_YORK))
        closes = hours(*[""] * 6, "01:00-02:30", zone=NEW_YORK)
        assert is_open(closes, turn - timedelta(seconds=1)) and not is_open(closes, turn)

    def test_in_spring_a_span_that_is_left_out_whole_does_not_take_place(self):
        sunday = hours(*[""] * 6, "02:10-02:50", zone=NEW_YORK)
        assert opens_at(sunday, at("2026-03-08T00:00", NEW_YORK)) == at("2026-03-15T02:10", NEW_YORK)

    @pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
    def test_a_working_day_begins_by_the_clock_on_either_side(self, day):
        every = hours(*["09:00-17:00"] * 7)
        assert opens_at(every, at(f"{day}T00:30")) == at(f"{day}T09:00")
        assert is_open(every, at(f"{day}T16:59")) and not is_open(every, at(f"{day}T17:00"))

    def test_a_day_that_a_zone_has_left_out_does_not_hang(self):
        # Samoa went from 29 to 31 December 2011.
        apia = hours(*["09:00-17:00"] * 7, zone=ZoneInfo("Pacific/Apia"))
        opens = opens_at(apia, datetime(2011, 12, 29, 18, tzinfo=ZoneInfo("Pacific/Apia")))
        assert opens == datetime(2011, 12, 31, 9, tzinfo=ZoneInfo("Pacific/Apia"))


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        (["09:00-12:00", "13:00-17:00"], ""),
        (["13:00-17:00", " 09:00 – 12:00 "], ""),  # noqa: RUF001
        (["22:00-02:00"], ""),
        (["00:00-24:00"], ""),
        (["9:00-12:00"], "is no span"),
        (["09:00-25:00"], "is no span"),
        (["24:00-24:00"], "is no span"),
        (["09:00"], "is no span"),
        (["٠٩:٠٠-١٠:٠٠"], "is no span"),
        (["09:00-09:00"], "ends when it begins"),
        (["09:00-12:00", "11:00-13:00"], "begins at 11:00, before another one has ended at 12:00"),
        (["22:00-02:00", "23:00-24:00"], "ended at 02:00 of the next day"),
        ([f"{hour:02d}:00-{hour:02d}:30" for hour in range(13)], "at most 12"),
    ],
)
def test_spans_are_checked_strictly(spans, problem):
    assert problem in check_spans(spans) and bool(problem) == bool(check_spans(spans))


@pytest.mark.parametrize(
    ("days", "problem"),
    [
        (["2026-12-25"], ""),
        (["25.12.2026"], "is no date"),
        (["20261225"], "is no date"),
        (["2026-02-30"], "is no date"),
        (["2026-W53-5"], "is no date"),
        (["2026-12-25"] * 2, "twice"),
        ([(date(2026, 1, 1) + timedelta(each)).isoformat() for each in range(401)], "at most 400"),
    ],
)
def test_holidays_are_checked_strictly(days, problem):
    assert problem in check_days(days) and bool(problem) == bool(check_days(days))


def test_a_zone_is_known_or_empty():
    assert check_zone("") == check_zone("Asia/Shanghai") == ""
    assert all(map(check_zone, ("Mars/Olympus", "localtime", "../etc/passwd", "europe/berlin!")))


@pytest.mark.django_db
class TestTheGroup:
    def test_is_set_by_the_api_and_felt(self, admin_api):
        changed = admin_api.put(
            "settings/hours",
            {"values": {"enabled": True, "sunday": ["22:00-02:00"], "holidays": ["2026-12-25"]}},
        )
        assert changed.status_code == 200, changed.content
        change_settings(group="general", values={"timezone": "Asia/Shanghai"})
        kept = hours_kept()
        assert (kept.enabled, kept.zone.key, kept.week[6]) == (True, "Asia/Shanghai", ((1320, 1560),))
        assert kept.week[0] == ((540, 1020),) and kept.holidays == {date(2026, 12, 25)}

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"monday": ["9-17"]}, "is no span"),
            ({"monday": "09:00-17:00"}, "a list of texts"),
            ({"monday": [9]}, "a list of texts"),
            ({"timezone": "Nowhere"}, "a time zone"),
            ({"holidays": ["Christmas"]}, "is no date"),
            ({"someday": []}, "Known keys"),
        ],
    )
    def test_refuses_what_does_not_fit_by_name(self, admin_api, values, said):
        (error,) = admin_api.put("settings/hours", {"values": values}).json()["errors"]
        assert error["field"] == next(iter(values)) and said in error["detail"]

    def test_is_a_form_of_the_admin_with_a_line_for_each_span(self):
        pages = AdminPages()
        sent = {"enabled": "on", "monday": "08:00-12:00\n13:00-18:00\n", "timezone": "", "closedText": "Zzz"}
        assert pages.post("settings_app/storedgroup/hours/change/", sent).status_code == 302
        kept = hours_kept()
        assert kept.week[0] == ((480, 720), (780, 1080)) and kept.closed_text == "Zzz"
        page = pages.post("settings_app/storedgroup/hours/change/", sent | {"friday": "all day"})
        assert "is no span such as" in page.content.decode()


@pytest.mark.django_db
class TestATeamsOwnHours:
    OWN = {"enabled": True, "timezone": "Asia/Tokyo", "saturday": ["10:00-12:00"]}

    def test_are_set_shown_whole_and_taken_back(self, admin_api):
        made = admin_api.post("teams/create", {"name": "Night", "hours": self.OWN}).json()
        assert made["hours"]["saturday"] == ["10:00-12:00"] and made["hours"]["holidays"] == []
        assert admin_api.put(f"teams/{made['id']}", made).json() == made
        assert hours_kept(made["hours"]).zone.key == "Asia/Tokyo"
        assert admin_api.get("teams/list").json()[0]["hours"] == made["hours"]
        changed = admin_api.put(f"teams/{made['id']}", {"hours": None}).json()
        assert changed["hours"] is None
        data = Event.objects.get(type="team.updated").data
        assert data["old"]["hours"]["timezone"] == "Asia/Tokyo" and data["new"]["hours"] is None

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"monday": ["x"]}, "hours.monday"),
            ({"colour": 1}, "hours.colour"),
            ({"enabled": "yes"}, "hours.enabled"),
            (7, "hours"),
            ([], "hours"),
        ],
    )
    def test_are_checked_as_the_desks_are(self, admin_api, given, field):
        refused = admin_api.post("teams/create", {"name": "X", "hours": given})
        assert refused.status_code == 400 and refused.json()["errors"][0]["field"] == field

    def test_are_a_part_of_the_teams_form(self):
        pages, team = AdminPages(), factories.team("Sales")
        path = f"accounts/team/{team.pk}/change/"
        assert "keeps hours of its own" in pages.get(path).content.decode()
        plain = {"name": "Sales", "routing": team.routing, "overflow_seconds": 0}
        sent = plain | {"own_hours": "on", "hours.enabled": "on", "hours.sunday": "20:00-23:00"}
        assert pages.post(path, sent).status_code == 302
        team.refresh_from_db()
        assert team.hours["sunday"] == ["20:00-23:00"] and team.hours["monday"] == []
        assert "20:00-23:00" in pages.get(path).content.decode()
        assert "is no span" in pages.post(path, sent | {"hours.friday": "x"}).content.decode()
        assert pages.post(path, plain).status_code == 302
        team.refresh_from_db()
        assert team.hours is None
