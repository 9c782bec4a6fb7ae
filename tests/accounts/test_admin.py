"""The admin pages of people and teams: every change goes through the services and names its actor."""

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import Team, User
from events.models import Event
from tests import factories
from tests.admin_pages import AdminPages

PEOPLE = "accounts/user/"


@pytest.fixture
def pages(db):
    return AdminPages()


def filled(user: User, **changes):
    fields = {
        "username": user.username, "email": user.email, "nickname": user.nickname, "role": user.role,
        "status": user.status, "teams": [team.pk for team in user.teams.all()],
    }  # fmt: skip
    return fields | ({"is_active": "on"} if user.is_active else {}) | changes


def test_a_person_is_created_with_a_password_or_for_tokens_only(pages):
    team = factories.team()
    given = {"username": "mia", "email": "mia@example.com", "role": "agent", "teams": [team.pk]}
    pages.post(PEOPLE + "add/", given | {"password": "long enough for Mia"})
    pages.post(PEOPLE + "add/", {"username": "robot", "role": "agent"})
    mia, robot = User.objects.get(username="mia"), User.objects.get(username="robot")
    assert mia.check_password("long enough for Mia")
    assert list(mia.teams.all()) == [team]
    assert not robot.has_usable_password()
    assert Event.objects.get(type="user.created", object_id=str(mia.pk)).actor_id == pages.user.pk
    assert not LogEntry.objects.exists()


def test_what_the_service_refuses_is_said_at_the_field(pages):
    taken = factories.agent()
    page = pages.post(PEOPLE + "add/", {"username": taken.username, "role": "agent", "password": "short"})
    assert page.status_code == 200
    assert b"too short" in page.content
    assert b'short"' not in page.content  # a password never comes back in the page


def test_a_person_changes_role_team_and_status_in_one_form(pages, agent):
    team = factories.team()
    changes = filled(agent, role="supervisor", teams=[team.pk], status="BUSY")
    assert pages.post(f"{PEOPLE}{agent.pk}/change/", changes).status_code == 302
    agent.refresh_from_db()
    assert (agent.role, agent.status, list(agent.teams.all())) == ("supervisor", "BUSY", [team])
    types = Event.objects.filter(object_id=str(agent.pk), actor_id=pages.user.pk).values_list(
        "type", flat=True
    )
    assert {"user.updated", "user.presence"} <= set(types)


def test_nobody_deactivates_himself(pages):
    given = filled(pages.user)
    del given["is_active"]
    page = pages.post(f"{PEOPLE}{pages.user.pk}/change/", given)
    assert b"Nobody can deactivate or demote himself." in page.content
    pages.user.refresh_from_db()
    assert pages.user.is_active


def test_people_are_deactivated_and_activated_from_the_list(pages, agent):
    chosen = {"_selected_action": [str(agent.pk)]}
    pages.post(PEOPLE, chosen | {"action": "deactivate_selected"})
    agent.refresh_from_db()
    assert not agent.is_active
    pages.post(PEOPLE, chosen | {"action": "activate_selected"})
    agent.refresh_from_db()
    assert agent.is_active


def test_an_admin_gives_a_password(pages, agent):
    path = f"{PEOPLE}{agent.pk}/password/"
    assert b"do not match" in pages.post(path, {"password": "one long password", "again": "another"}).content
    pages.post(path, {"password": "one long password", "again": "one long password"})
    agent.refresh_from_db()
    assert agent.check_password("one long password")


def test_a_team_is_made_and_its_people_and_its_routing_change(pages, agent):
    queue = {"routing": "least_busy", "overflow_seconds": "0"}
    pages.post("accounts/team/add/", {"name": "Billing", "members": [agent.pk]} | queue)
    team, other = Team.objects.get(name="Billing"), factories.team()
    assert list(team.members.all()) == [agent]
    queue = {"routing": "manual", "overflow_team": other.pk, "overflow_seconds": "90"}
    page = f"accounts/team/{team.pk}/change/"
    pages.post(page, {"name": "Invoices", "description": "", "members": []} | queue)
    team.refresh_from_db()
    assert (team.name, team.members.count()) == ("Invoices", 0)
    assert (team.routing, team.overflow_team, team.overflow_seconds) == ("manual", other, 90)
    refused = pages.post(page, {"name": "Invoices"} | queue | {"overflow_team": team.pk})
    assert b"would come back to this team" in refused.content


def test_a_person_gets_a_capacity_and_skills(pages, agent):
    changes = filled(agent, capacity="7", skills="Refunds,  chinese , refunds")
    assert pages.post(f"{PEOPLE}{agent.pk}/change/", changes).status_code == 302
    agent.refresh_from_db()
    assert (agent.capacity, agent.skills) == (7, ["chinese", "refunds"])


def test_a_locked_out_person_is_unlocked(pages):
    attempt = AccessAttempt.objects.create(
        username="mia", ip_address="203.0.113.9", failures_since_start=9, attempt_time=timezone.now()
    )
    assert b"mia" in pages.get("axes/accessattempt/").content
    pages.post("axes/accessattempt/", {"action": "unlock", "_selected_action": [attempt.pk]})
    assert not AccessAttempt.objects.exists()


def test_the_people_picker_finds_by_a_piece_of_the_name(pages):
    factories.agent(username="lena", nickname="Lena Fischer")
    asked = {"app_label": "tokens", "model_name": "accesstoken", "field_name": "user", "term": "fisch"}
    assert [each["text"] for each in pages.get("autocomplete/", asked).json()["results"]] == ["Lena Fischer"]


def test_a_password_sign_in_ends_in_the_admin(db):
    from django.test import Client

    factories.admin(username="root", password=factories.PASSWORD)
    client = Client(enforce_csrf_checks=True)
    page = client.get("/admin/login/").content.decode()
    assert 'name="next" value="/admin/"' in page
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    given = {
        "csrfmiddlewaretoken": token,
        "username": "root",
        "password": factories.PASSWORD,
        "next": "/admin/",
    }
    landed = client.post("/admin/login/", given)
    assert (landed.status_code, landed["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
