"""The endpoints of statistics: figures equal naive SQL, in every timezone, for everybody who may see them."""

import pytest
from django.db import connection

from accounts.models import User
from messaging.models import Message, Thread
from reporting import queries
from reporting.definitions import DEFINITIONS
from tests import factories
from tests.conftest import Api
from tests.reporting.work import naive, scatter, utc
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
ENDPOINTS = ("overview", "tickets", "messages", "agents", "teams")


@pytest.fixture
def supervisor_api(db):
    return Api(factories.token(factories.supervisor()))


def ask(api, path: str, **parameters: str):
    parameters = {"from" if name == "since" else name: value for name, value in parameters.items()}
    response = api.get(f"statistics/{path}", parameters)
    assert response.status_code == 200, response.content
    return response.json()


def test_an_empty_desk_has_figures_that_are_zero_and_means_that_are_null(api):
    figures = ask(api, "overview")["figures"]
    for name, figure in figures.items():
        assert figure["value"] == (None if figure["unit"] == "seconds" else 0), name
        assert figure["definition"].endswith(".")
    assert [row["ticketsCreated"] for row in ask(api, "tickets")] == [0] * 30
    assert [row["messages"] for row in ask(api, "messages")] == [0] * 30
    assert [row["username"] for row in ask(api, "agents")] == [User.objects.get().username]
    assert ask(api, "teams")[0]["id"] is None


@pytest.mark.parametrize(
    "zone", ["UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham"]
)
def test_figures_equal_naive_sql_in_the_callers_timezone(supervisor_api, zone):
    users, teams = [factories.agent(), factories.agent()], [factories.team()]
    scatter(11, count=80, start=utc(2026, 3, 6), days=5, users=users, teams=teams)
    whole = {"since": "2026-03-07", "to": "2026-03-09", "timezone": zone}
    figures = ask(supervisor_api, "overview", **whole)["figures"]
    for name in ("ticketsCreated", "ticketsResolved", "ticketsClosed", "ticketsDeleted", "ticketsAnswered",
                 "threadsStarted", "threadsClosed", "messages", "messagesFromAgents"):  # fmt: skip
        assert figures[name]["value"] == naive(name, "2026-03-07", "2026-03-10", zone), name
    expected = naive("ticketFirstResponse", "2026-03-07", "2026-03-10", zone)
    assert figures["ticketFirstResponse"]["value"] == pytest.approx(expected, abs=0.002)
    days = ask(supervisor_api, "tickets", **whole)
    assert [row["date"] for row in days] == ["2026-03-07", "2026-03-08", "2026-03-09"]
    nights = ["2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10"]
    for row, start, end in zip(days, nights, nights[1:], strict=False):
        assert row["ticketsCreated"] == naive("ticketsCreated", start, end, zone)
        assert row["ticketsResolved"] == naive("ticketsResolved", start, end, zone)


@pytest.mark.parametrize(("day", "first", "last"), [("2026-03-08", 5, 28), ("2026-11-01", 4, 29)])
def test_a_day_of_23_or_25_hours_holds_all_its_tickets_and_no_others(supervisor_api, day, first, last):
    year, month, number = (int(part) for part in day.split("-"))
    midnight = utc(year, month, number)
    hours = range(first, last)
    for hour in (first - 1, *hours, last):
        Ticket.objects.create(
            title="T", created_at=midnight.replace(hour=0) + (utc(2026, 1, 1, 1) - utc(2026, 1, 1)) * hour
        )
    place = {"since": day, "to": day, "timezone": "America/New_York"}
    assert [row["ticketsCreated"] for row in ask(supervisor_api, "tickets", **place)] == [len(hours)]
    by_hour = ask(supervisor_api, "tickets", **place, groupBy="hour")
    assert [row["ticketsCreated"] for row in by_hour] == [1] * len(hours)


def test_sums_of_buckets_equal_the_overview_whatever_the_grain(supervisor_api):
    scatter(5, count=40, start=utc(2026, 1, 20), days=40, users=[factories.agent()], teams=[factories.team()])
    period = {"since": "2026-01-22", "to": "2026-02-25", "timezone": "Europe/Berlin"}
    whole = ask(supervisor_api, "overview", **period)["figures"]
    for grain in ("hour", "day", "week", "month"):
        for path in ("tickets", "messages"):
            rows = ask(supervisor_api, path, **period, groupBy=grain)
            for name in set(rows[0]) & set(whole):
                if whole[name]["unit"] == "count":
                    assert sum(row[name] for row in rows) == whole[name]["value"], (grain, name)
    series = ask(supervisor_api, "overview", **period, groupBy="week")["figures"]["messages"]["series"]
    assert sum(row["value"] for row in series) == whole["messages"]["value"]


def test_what_is_open_and_who_is_available_counts_now_whatever_the_period(supervisor_api):
    Ticket.objects.create(title="T", created_at=utc(2020, 1, 1))
    Ticket.objects.create(title="T", created_at=utc(2020, 1, 1), status="on_hold")
    Ticket.objects.create(title="T", created_at=utc(2020, 1, 1), status="closed")
    Thread.objects.create(type="AGENT", state="queued")
    factories.agent(status="AVAILABLE")
    factories.agent(status="AVAILABLE", is_active=False)
    figures = ask(supervisor_api, "overview", since="2026-11-01", to="2026-11-02")["figures"]
    now = {name: figures[name]["value"] for name in ("ticketsOpen", "threadsQueued", "agentsAvailable")}
    assert now == {"ticketsOpen": 2, "threadsQueued": 1, "agentsAvailable": 1}
    assert figures["ticketsCreated"]["value"] == 0


def test_first_response_is_the_mean_of_what_was_answered_in_the_period(supervisor_api):
    start = utc(2026, 5, 1, 9)
    for minute in (1, 3):
        Ticket.objects.create(title="T", created_at=start, first_response_at=start.replace(minute=minute))
    Thread.objects.create(type="AGENT", first_visitor_at=start, first_response_at=start.replace(second=30))
    figures = ask(supervisor_api, "overview", since="2026-05-01", to="2026-05-01")["figures"]
    assert figures["ticketFirstResponse"]["value"] == 120
    assert figures["threadFirstResponse"]["value"] == 30
    assert figures["firstResponse"]["value"] == 90


def test_an_agent_sees_its_teams_and_what_no_team_owns_a_supervisor_everything():
    own, other = factories.team(), factories.team()
    member = factories.agent(teams=[own])
    for team in (own, other, other, None):
        Ticket.objects.create(title="T", team=team)

    def open_for(user, **options) -> int:
        return ask(Api(factories.token(user, **options)), "overview")["figures"]["ticketsOpen"]["value"]

    assert open_for(member) == 2
    assert open_for(factories.supervisor()) == 4
    assert [row["id"] for row in ask(Api(factories.token(member)), "teams")] == [str(own.pk), None]


def test_a_tokens_team_limit_holds_for_figures_too():
    own, other = factories.team(), factories.team()
    colleague, stranger = factories.agent(teams=[own]), factories.agent(teams=[other])
    for team, who in ((own, colleague), (other, stranger), (None, stranger)):
        Ticket.objects.create(title="T", team=team, assignee=who)
    limited = Api(factories.token(factories.supervisor(), team_ids=[own.pk]))
    assert ask(limited, "overview")["figures"]["ticketsOpen"]["value"] == 1
    assert [row["username"] for row in ask(limited, "agents")] == [colleague.username]
    assert [row["id"] for row in ask(limited, "teams")] == [str(own.pk)]


def test_an_agent_sees_only_the_own_row_a_supervisor_one_row_for_each(supervisor_api):
    ann, bob = factories.agent(username="ann"), factories.agent(username="bob")
    Ticket.objects.create(title="T", assignee=ann, team=factories.team())
    thread = Thread.objects.create(type="AGENT", agent=bob)
    Message.objects.create(thread=thread, seq=1, user=bob, content="Hi")
    rows = {row["username"]: row for row in ask(supervisor_api, "agents")}
    assert (rows["ann"]["ticketsOpen"], rows["bob"]["ticketsOpen"]) == (1, 0)
    assert (rows["bob"]["messagesFromAgents"], rows["bob"]["threadsOpen"]) == (1, 1)
    (own,) = ask(Api(factories.token(ann)), "agents")
    assert (own["username"], own["ticketsCreated"]) == ("ann", 1)
    by_day = ask(Api(factories.token(ann)), "agents", groupBy="day")
    assert (len(by_day), by_day[-1]["ticketsCreated"]) == (30, 1)


@pytest.mark.parametrize(
    ("path", "statements"), [("overview", 2), ("tickets", 2), ("messages", 2), ("agents", 3), ("teams", 3)]
)
def test_an_answer_costs_one_statement_for_the_caller_and_a_fixed_number_for_the_figures(
    supervisor_api, django_assert_num_queries, path, statements
):
    scatter(2, count=20, start=utc(2026, 11, 1), days=20, users=[factories.agent()], teams=[factories.team()])
    with django_assert_num_queries(statements):
        ask(supervisor_api, path, since="2026-01-01", to="2026-12-31", timezone="UTC")


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_endpoint_refuses_bad_parameters_by_name(api, path):
    for given, parameter in (
        ({"timezone": "Nowhere"}, "timezone"),
        ({"from": "x"}, "from"),
        ({"team": "x"}, "team"),
    ):
        response = api.get(f"statistics/{path}", given)
        assert (response.status_code, response.json()["parameter"]) == (400, parameter)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_endpoint_needs_the_scope_statistics_read(path):
    narrow = Api(factories.token(factories.agent(), scope_names=["tickets:read"]))
    response = narrow.get(f"statistics/{path}")
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
    assert Api().get(f"statistics/{path}").status_code == 401


def test_figures_are_read_from_the_roll_ups_alone(supervisor_api):
    Ticket.objects.create(title="T")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM tickets_ticket")
    assert ask(supervisor_api, "overview")["figures"]["ticketsCreated"]["value"] == 1


def test_more_rows_than_one_answer_may_hold_ask_for_a_coarser_grain(supervisor_api, monkeypatch):
    monkeypatch.setattr(queries, "ROWS", 10)
    response = supervisor_api.get("statistics/agents", {"groupBy": "day"})
    assert (response.status_code, response.json()["parameter"]) == (400, "groupBy")


def test_every_figure_is_declared_with_its_unit_and_meaning():
    for name, definition in DEFINITIONS.items():
        assert definition.figures, name
        assert definition.unit in {"count", "seconds"}, name
