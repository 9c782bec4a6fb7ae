"""`/api/teams/*`."""

import pytest

from events.models import Event
from messaging.models import Thread
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_team_is_made_changed_and_deleted(admin_api):
    one, two = factories.agent(), factories.agent()
    made = admin_api.post(
        "teams/create", {"name": "فريق الدعم", "description": "夜班 🌙", "members": [str(one.pk)]}
    ).json()
    assert made["name"] == "فريق الدعم" and made["description"] == "夜班 🌙"
    assert [member["username"] for member in made["members"]] == [one.username]
    path = f"teams/{made['id']}"
    changed = admin_api.put(path, made | {"members": [str(two.pk)]}).json()
    assert [member["id"] for member in changed["members"]] == [str(two.pk)]
    assert admin_api.get(path).json() == changed
    assert admin_api.delete(path).json() == {"id": made["id"], "deleted": True}
    assert admin_api.get(path).status_code == 404
    types = Event.objects.filter(object_id=made["id"]).order_by("id").values_list("type", flat=True)
    assert list(types) == ["team.created", "team.updated", "team.deleted"]


def test_a_whole_team_sent_back_is_no_change(admin_api):
    made = admin_api.post("teams/create", {"name": "Desk", "members": [str(factories.agent().pk)]}).json()
    before = Event.objects.count()
    assert admin_api.put(f"teams/{made['id']}", made).json() == made
    assert Event.objects.count() == before


def test_a_name_is_taken_whatever_its_case(admin_api):
    factories.team("Sales")
    response = admin_api.post("teams/create", {"name": " sales "})
    assert (response.status_code, response.json()["code"]) == (409, "already_exists")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x", "members": ["y"]}, "members[0]"),
        ({"name": "x", "members": ["00000000-0000-7000-8000-000000000000"]}, "members"),
        ({"name": "x", "boss": 1}, "boss"),
    ],
)
def test_what_cannot_be_is_refused_by_field(admin_api, body, field):
    response = admin_api.post("teams/create", body)
    assert response.status_code == 400 and response.json()["errors"][0]["field"] == field


def test_a_team_with_work_is_not_deleted(admin_api):
    team = factories.team()
    Thread.objects.create(type="WORKGROUP", team=team)
    response = admin_api.delete(f"teams/{team.pk}")
    assert (response.status_code, response.json()["code"]) == (409, "invalid_state")


def test_who_is_out_of_service_is_not_lost_from_a_team_sent_back(admin_api):
    team = factories.team()
    gone, stays = factories.agent(teams=[team], is_active=False), factories.agent(teams=[team])
    whole = admin_api.get(f"teams/{team.pk}").json()
    assert [member["id"] for member in whole["members"]] == [str(stays.pk)]
    admin_api.put(f"teams/{team.pk}", whole | {"description": "x"})
    assert team.members.filter(pk=gone.pk).exists()


def test_an_empty_list_is_an_empty_array(api):
    assert api.get("teams/list").json() == []


def test_a_stale_if_match_is_refused(admin_api):
    team = factories.team()
    etag = admin_api.get(f"teams/{team.pk}")["ETag"]
    assert admin_api.put(f"teams/{team.pk}", {"name": "A"}, headers={"If-Match": etag}).status_code == 200
    assert admin_api.put(f"teams/{team.pk}", {"name": "B"}, headers={"If-Match": etag}).status_code == 412
