"""Who sees and may change which tickets, and that the kept counts agree with what is seen."""

import random

import pytest
from django.db import connection

from events.models import Event
from messaging.models import Thread, Visitor
from tests import factories
from tests.conftest import Api
from tests.tickets.rows import load
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams():
    return [factories.team() for _ in range(3)]


def seen(api: Api) -> set[int]:
    response = api.get("tickets/list", {"limit": 200})
    found = {each["number"] for each in response.json()}
    assert response["X-Total-Count"] == str(len(found))
    return found


def test_an_agent_sees_its_teams_tickets_those_of_no_team_and_those_assigned_to_it(agent, teams):
    agent.teams.add(teams[0])
    load(90, users=[agent, None], teams=[*teams, None])
    expected = {
        number
        for number, team, assignee in Ticket.objects.values_list("number", "team", "assignee")
        if team in (teams[0].pk, None) or assignee == agent.pk
    }
    assert seen(Api(factories.token(agent))) == expected
    assert seen(Api(factories.token(factories.supervisor()))) == set(
        Ticket.objects.values_list("number", flat=True)
    )


def test_a_tokens_team_limit_leaves_only_those_teams(agent, teams):
    agent.teams.set(teams)
    load(90, users=[agent, None], teams=[*teams, None])
    limited = Api(factories.token(agent, team_ids=[teams[1].pk]))
    assert seen(limited) == set(Ticket.objects.filter(team=teams[1]).values_list("number", flat=True))
    made = limited.post("tickets/create", {"title": "x"}).json()
    assert made["team"]["id"] == str(teams[1].pk)
    for team in (teams[0].pk, None):
        refused = limited.post("tickets/create", {"title": "x", "team": team and str(team)})
        assert (refused.status_code, refused.json()["code"]) == (403, "role_not_permitted")


def test_what_an_agent_does_not_see_it_can_neither_read_nor_write(agent, teams):
    load(1, teams=teams[:1])
    path = f"tickets/{Ticket.objects.get().pk}"
    api = Api(factories.token(agent))
    for response in (
        api.get(path),
        api.put(path, {"title": "x"}),
        api.delete(path),
        api.get(f"{path}/history"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_an_agent_gives_tickets_only_to_its_own_teams_and_a_supervisor_to_any(agent, teams):
    agent.teams.add(teams[0])
    api = Api(factories.token(agent))
    path = f"tickets/{api.post('tickets/create', {'title': 'x'}).json()['id']}"
    assert api.put(path, {"team": str(teams[1].pk)}).status_code == 403
    assert api.put(path, {"team": str(teams[0].pk)}).json()["team"]["name"] == teams[0].name
    supervisor = Api(factories.token(factories.supervisor()))
    assert supervisor.put(path, {"team": str(teams[1].pk)}).status_code == 200
    unknown = supervisor.put(path, {"team": "01890000-0000-7000-8000-000000000000"})
    assert unknown.json()["errors"][0]["code"] == "not_found"


def test_a_move_is_told_whole_to_who_has_the_ticket_now_and_takes_the_thread_along(teams):
    supervisor = factories.supervisor()
    api = Api(factories.token(supervisor))
    made = api.post("tickets/create", {"title": "x", "team": str(teams[0].pk)}).json()
    api.put(f"tickets/{made['id']}", {"team": str(teams[1].pk), "assignee": "me"})
    gone, event = Event.objects.filter(object_id=made["id"]).order_by("id")[1:]
    assert (gone.type, gone.audience) == ("ticket.moved_away", [f"tickets/team:{teams[0].pk}"])
    assert gone.data == {"id": made["id"], "number": made["number"]}
    assert set(event.audience) == {
        "tickets/all",
        f"tickets/team:{teams[1].pk}",
        f"tickets/user:{supervisor.pk}",
    }
    shown = api.get(f"tickets/{made['id']}/history").json()
    assert [each["type"] for each in shown] == ["ticket.updated", "ticket.created"]
    assert [each and each["id"] for each in event.data["changes"]["team"]] == [
        str(team.pk) for team in teams[:2]
    ]
    thread = Thread.objects.get(pk=made["thread"])
    assert (thread.team_id, thread.agent_id) == (teams[1].pk, supervisor.pk)


def test_the_kept_counts_stay_exact_through_every_kind_of_write(agent, teams):
    people = [agent, factories.agent(), None]
    choose = random.Random(7)
    for _ in range(15):
        load(choose.randint(0, 9), users=people, teams=[*teams, None])
        some = Ticket.objects.order_by("?").values("pk")[: choose.randint(0, 8)]
        match choose.randint(0, 4):
            case 0:
                Ticket.objects.filter(pk__in=some).update(team=choose.choice([*teams, None]))
            case 1:
                Ticket.objects.filter(pk__in=some).update(assignee=choose.choice(people), priority=1)
            case 2:
                Ticket.objects.filter(pk__in=some).update(deleted_at="2031-01-01T00:00:00Z")
            case 3:
                Ticket.objects.filter(pk__in=some).delete()
            case 4:
                Ticket.objects.filter(pk__in=some).update(deleted_at=None)
        assert kept_counts() == real_counts()
    teams[0].delete()
    people[1].delete()
    assert kept_counts() == real_counts()


@pytest.mark.parametrize("who", ["visitor", "user", "email"])
def test_a_token_limited_to_teams_names_no_requester_of_other_teams(teams, who):
    foreign = Visitor.objects.create(nickname="Zoe", email="zoe@example.com", user=factories.agent())
    named = {"visitor": str(foreign.pk), "user": str(foreign.user_id), "email": {"email": foreign.email}}[who]
    limited = Api(factories.token(factories.supervisor(), team_ids=[teams[0].pk]))
    for requester in (named, "01890000-0000-7000-8000-000000000000"):
        refused = limited.post("tickets/create", {"title": "x", "requester": requester})
        error = refused.json()["errors"][0]
        assert (refused.status_code, error["field"], error["code"]) == (400, "requester", "not_found")
        assert error["detail"] == "There is no such visitor or user."
    assert limited.post("tickets/create", {"title": "x"}).status_code == 200
    made = limited.post("tickets/create", {"title": "x", "requester": {"email": "new@example.com"}}).json()
    again = limited.put(f"tickets/{made['id']}", {"requester": named})
    assert again.json()["errors"][0]["field"] == "requester"


def test_a_ticket_that_failed_leaves_no_requester_behind(teams):
    limited = Api(factories.token(factories.supervisor(), team_ids=[teams[0].pk]))
    body = {"title": "x", "requester": {"email": "new@example.com"}}
    assert limited.post("tickets/create", body | {"team": str(teams[1].pk)}).status_code == 403
    assert limited.post("tickets/create", body).status_code == 200
    assert limited.post("tickets/create", body).status_code == 200


def test_only_who_really_lost_a_ticket_hears_that_it_moved_away(agent, teams):
    agent.teams.add(teams[0])
    stranger, supervisor = factories.agent(), factories.supervisor()
    api = Api(factories.token(supervisor))
    body = {"title": "x", "team": str(teams[0].pk)}
    for assignee in (agent, supervisor, stranger):  # two of them see it without being its assignee
        made = api.post("tickets/create", body | {"assignee": str(assignee.pk)}).json()
        api.put(f"tickets/{made['id']}", {"assignee": None})
    gone = Event.objects.get(type="ticket.moved_away")
    assert gone.object_id == made["id"] and gone.audience == [f"tickets/user:{stranger.pk}"]


def kept_counts() -> dict:
    return _rows(
        "SELECT team, assignee, sum(amount)::int FROM tickets_ticketcount GROUP BY 1, 2 "
        "HAVING sum(amount) <> 0"
    )


def real_counts() -> dict:
    nobody = "'00000000-0000-0000-0000-000000000000'::uuid"
    return _rows(
        f"SELECT coalesce(team_id, {nobody}), person, count(*)::int FROM tickets_ticket, "
        f"LATERAL (VALUES ({nobody}), (assignee_id)) people(person) "
        "WHERE deleted_at IS NULL AND person IS NOT NULL GROUP BY 1, 2"
    )


def _rows(sql: str) -> dict:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {row[:2]: row[2] for row in cursor.fetchall()}
