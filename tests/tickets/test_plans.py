"""That the list's statements use indexes, at a size where PostgreSQL has the choice."""

from types import SimpleNamespace

import pytest
from django.db import connection

from accounts.models import Team, User
from api.lists import FastList
from tests import factories
from tests.conftest import Api
from tests.tickets.rows import load
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
MANY = 20_000


@pytest.fixture
def plan(monkeypatch):
    """Return a function that asks for a list and returns the plan of its statement, as text."""
    said = []
    inner = FastList.statement

    def statement(self, *args):
        sql, params = inner(self, *args)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql, params)
            said.append("\n".join(line for (line,) in cursor.fetchall()))
        return sql, params

    monkeypatch.setattr(FastList, "statement", statement)

    def ask(api: Api, **query) -> str:
        assert api.get("tickets/list", query).status_code == 200
        return said[-1]

    return ask


@pytest.fixture(scope="module")
def loaded(rows_of_file) -> SimpleNamespace:
    """Many tickets of many people; an agent who is in two of the teams."""
    with rows_of_file():
        teams = [factories.team() for _ in range(8)]
        agent = factories.agent(teams=teams[:2])
        fill(agent, teams)
    return SimpleNamespace(agent=agent, teams=teams)


def fill(agent: User, teams: list[Team]) -> None:
    people = [factories.agent() for _ in range(30)]
    load(MANY, users=[agent, *people, None], teams=[*teams, None])
    Ticket.objects.filter(number__in=Ticket.objects.order_by("number").values("number")[5:8]).update(
        title="A zebra was delivered", content="斑马"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gin_clean_pending_list('tickets_search'), gin_clean_pending_list('tickets_short_words')"
        )
        cursor.execute("ANALYZE tickets_ticket")
        cursor.execute("ANALYZE tickets_ticketcount")


@pytest.fixture
def agent(loaded) -> User:
    return loaded.agent


@pytest.fixture
def many(loaded) -> list[Team]:
    return loaded.teams


def test_every_list_reads_tickets_through_an_index(many, agent, admin_api, plan):
    team = str(many[0].pk)
    asked = [
        {},
        {"status": "open"},
        {"assignee": "me"},
        {"assignee": str(agent.pk), "status": "open,pending"},
        {"team": team},
        {"ordering": "-updatedAt"},
        {"ordering": "-priority"},
        {"ordering": "number"},
        {"q": "zebra"},
        {"q": "斑马"},
        {"q": "arrived"},
        {"q": "#17"},
        {"tags": "vip"},
    ]
    for api in (admin_api, Api(factories.token(agent))):
        for query in asked:
            shown = plan(api, **query)
            # The page itself; the count beside it (tickets_ticket_1) stops after 10,001 rows.
            assert "Seq Scan on tickets_ticket  (" not in shown, (query, shown)
            assert "messaging_visitor" in shown  # it is the statement of the page


def test_a_rare_word_goes_through_the_index_for_words(many, admin_api, plan):
    assert "tickets_search" in plan(admin_api, q="zebra")
    assert "tickets_short_words" in plan(admin_api, q="斑马")


def test_the_plain_list_counts_nothing(many, admin_api, agent, plan):
    for api in (admin_api, Api(factories.token(agent))):
        shown = plan(api)
        assert shown.count("on tickets_ticket ") == 1, shown
        assert "tickets_ticketcount" in shown
    assert admin_api.get("tickets/list")["X-Total-Count"] == "10000+"
