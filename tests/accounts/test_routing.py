"""What routing asks of people and teams: capacity, skills, open chats, and how a team's queue moves."""

import pytest

from accounts.services import create_user
from events.models import Event
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.conftest import Api
from tests.messaging.conversations import thread

pytestmark = pytest.mark.django_db


def test_capacity_and_skills_are_set_by_who_runs_the_desk(agent, admin_api):
    path = f"users/{agent.pk}"
    body = {"capacity": 3, "skills": ["Refunds ", "chinese", "refunds", ""]}
    shown = admin_api.put(path, body).json()
    assert (shown["capacity"], shown["skills"], shown["openChats"]) == (3, ["chinese", "refunds"], 0)
    event = Event.objects.get(type="user.updated")
    assert event.data["new"] == {"capacity": 3, "skills": ["chinese", "refunds"]}
    supervisor = Api(factories.token(factories.supervisor()))
    assert supervisor.put(path, {"capacity": 4, "skills": []}).json()["capacity"] == 4
    own = Api(factories.token(agent, scope_names=["users:read", "messages:write"]))
    assert own.put("user/profile", {"capacity": 99}).json()["capacity"] == 4  # shown there, not changed there
    other = factories.supervisor()
    assert supervisor.put(f"users/{other.pk}", {"capacity": 1}).json()["code"] == "role_not_permitted"


def test_a_whole_user_sent_back_is_no_change(admin_api, agent):
    shown = admin_api.put(f"users/{agent.pk}", {"skills": ["b", "a"]}).json()
    before = Event.objects.count()
    assert admin_api.put(f"users/{agent.pk}", shown).json() == shown
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "body",
    [
        {"capacity": -1}, {"capacity": 1001}, {"capacity": "5"}, {"capacity": None}, {"skills": "refunds"},
        {"skills": ["x" * 41]}, {"skills": [str(number) for number in range(21)]}, {"skills": [1]},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_field(admin_api, agent, body):
    answer = admin_api.put(f"users/{agent.pk}", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith(next(iter(body)))


def test_who_is_added_takes_what_the_setting_says(admin):
    assert create_user(username="one").capacity == 5
    change_settings(group="chat", values={"agentCapacity": 2}, actor=admin)
    forget_kept()
    assert create_user(username="two").capacity == 2
    assert create_user(username="three", capacity=9).capacity == 9


def test_open_chats_are_the_conversations_somebody_has_now(agent, admin_api):
    thread(agent=agent)
    thread(agent=agent, type="WORKGROUP")
    thread(agent=agent, state="closed")
    thread(agent=agent, type="TICKET")
    assert admin_api.get(f"users/{agent.pk}").json()["openChats"] == 2
    assert {each["openChats"] for each in admin_api.get("users/list").json()} == {0, 2}


def test_how_a_teams_queue_moves(admin_api):
    first, second = (admin_api.post("teams/create", {"name": name}).json() for name in ("First", "Second"))
    assert (first["routing"], first["overflowTeam"], first["overflowSeconds"]) == ("least_busy", None, 0)
    body = {"routing": "round_robin", "overflowTeam": second["id"], "overflowSeconds": 90}
    shown = admin_api.put(f"teams/{first['id']}", body).json()
    assert shown["overflowTeam"] == {"id": second["id"], "name": "Second"}
    assert (shown["routing"], shown["overflowSeconds"]) == ("round_robin", 90)
    before = Event.objects.count()
    assert admin_api.put(f"teams/{first['id']}", shown).json() == shown
    assert Event.objects.count() == before
    event = Event.objects.get(type="team.updated")
    assert event.data["new"]["overflowTeam"] == second["id"]
    assert admin_api.put(f"teams/{first['id']}", {"overflowTeam": None}).json()["overflowTeam"] is None


def test_a_team_that_others_flow_into_can_be_deleted(admin_api):
    second = admin_api.post("teams/create", {"name": "Second"}).json()
    first = admin_api.post("teams/create", {"name": "First", "overflowTeam": second["id"]}).json()
    assert admin_api.delete(f"teams/{second['id']}").status_code == 200
    assert admin_api.get(f"teams/{first['id']}").json()["overflowTeam"] is None


def test_nothing_flows_in_a_circle(admin_api):
    teams = [admin_api.post("teams/create", {"name": name}).json()["id"] for name in "ABC"]
    for one, other in zip(teams, teams[1:], strict=False):
        assert admin_api.put(f"teams/{one}", {"overflowTeam": other}).status_code == 200
    for back in (teams[0], teams[2]):
        answer = admin_api.put(f"teams/{teams[2]}", {"overflowTeam": back})
        assert answer.json()["errors"][0]["field"] == "overflowTeam"


@pytest.mark.parametrize(
    "body",
    [
        {"routing": "by magic"}, {"overflowSeconds": -1}, {"overflowSeconds": 86_401}, {"overflowTeam": "x"},
        {"overflowTeam": "00000000-0000-7000-8000-000000000000"},
    ],
)  # fmt: skip
def test_what_a_queue_cannot_do_is_refused_by_field(admin_api, body):
    answer = admin_api.put(f"teams/{factories.team().pk}", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(body)))
