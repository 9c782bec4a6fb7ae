"""`/api/users/*`: who sees whom, and who may change whom."""

import threading

import pytest
from django.db import connection

from accounts.models import User
from accounts.services import change_user
from api.errors import Problem
from events.models import Event
from tests import factories
from tests.conftest import Api

pytestmark = pytest.mark.django_db


def as_(role: str, **options) -> Api:
    return Api(factories.token(factories.user(role), **options))


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("get", "users/list", {"agent", "supervisor", "admin"}),
        ("get", "users/{id}", {"agent", "supervisor", "admin"}),
        ("get", "teams/list", {"agent", "supervisor", "admin"}),
        ("get", "teams/{team}", {"agent", "supervisor", "admin"}),
        ("post", "users/create", {"admin"}),
        ("put", "users/{id}", {"supervisor", "admin"}),
        ("patch", "users/{id}", {"supervisor", "admin"}),
        ("delete", "users/{id}", {"admin"}),
        ("post", "teams/create", {"supervisor", "admin"}),
        ("put", "teams/{team}", {"supervisor", "admin"}),
        ("delete", "teams/{team}", {"admin"}),
    ],
)
def test_each_role_may_what_it_should(role, method, path, allowed):
    path = path.format(id=factories.agent().pk, team=factories.team().pk)
    body = {"nickname": "New"} if "users/" in path else {"name": "New"}
    if path == "users/create":
        body = {"username": "new"}
    response = getattr(as_(role), method)(path, *([body] if method not in ("get", "delete") else []))
    if role in allowed:
        assert response.status_code == 200, response.content
    else:
        assert response.status_code == 403
        assert response.json()["code"] in ("insufficient_scope", "role_not_permitted")


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_without_a_token_there_is_nothing(method):
    assert getattr(Api(), method)(f"users/{factories.agent().pk}").status_code == 401


def test_a_list_costs_one_statement_for_the_caller_and_one_for_the_page(api, django_assert_num_queries):
    for _ in range(5):
        factories.agent(teams=[factories.team()])
    with django_assert_num_queries(2):
        assert len(api.get("users/list").json()) == 6
    with django_assert_num_queries(2):
        assert len(api.get("teams/list").json()) == 5


def test_no_user_object_shows_a_password(admin_api):
    shown = admin_api.get("users/list").content
    assert b"password" not in shown and b"argon2" not in shown


def test_users_are_found_by_what_they_are(admin_api):
    team = factories.team()
    member = factories.agent(teams=[team], nickname="Zoë Müller", status="BUSY")
    gone = factories.agent(is_active=False)

    def ids(query: str) -> set[str]:
        response = admin_api.get(f"users/list?{query}")
        assert response.status_code == 200, response.content
        return {user["id"] for user in response.json()}

    assert ids(f"team={team.pk}") == {str(member.pk)}
    assert str(member.pk) not in ids("team=none") and str(gone.pk) in ids("team=none")
    assert ids("status=BUSY") == ids("q=müll") == {str(member.pk)}
    assert ids("active=false") == {str(gone.pk)}
    assert str(member.pk) not in ids("role=admin") and len(ids("role=agent,admin")) == 3
    assert ids("q=100%25") == set()


@pytest.mark.parametrize(
    "query", ["role=king", "active=maybe", "team=x", "colour=red", "ordering=password", "q=", "limit=0"]
)
def test_an_unknown_parameter_or_value_is_named(admin_api, query):
    response = admin_api.get(f"users/list?{query}")
    assert response.status_code == 400
    assert response.json()["parameter"] == query.split("=")[0]


def test_pages_by_username_neither_skip_nor_double(admin_api):
    names = sorted(factories.agent(username=f"page{number}").username for number in range(7))
    seen, url = [], "users/list?limit=3&ordering=username&q=page"
    while url:
        response = admin_api.get(url)
        seen += [user["username"] for user in response.json()]
        links = [link for link in response["Link"].split(", ") if 'rel="next"' in link]
        url = links[0].split("/api/")[1].split(">")[0] if links else ""
    assert seen == names


def test_an_admin_creates_a_user_who_can_work(admin_api):
    team = factories.team("Zürich 支持")
    body = {
        "username": "lea", "email": "lea@example.com", "nickname": "Léa 🌸", "roles": ["supervisor"],
        "teams": [str(team.pk)], "password": "a phrase nobody knows",
    }  # fmt: skip
    response = admin_api.post("users/create", body)
    user = response.json()
    assert response.status_code == 200 and response["ETag"]
    assert user["nickname"] == "Léa 🌸" and user["roles"] == ["supervisor"] and user["active"] is True
    assert user["teams"] == [{"id": str(team.pk), "name": "Zürich 支持"}]
    assert User.objects.get(pk=user["id"]).check_password("a phrase nobody knows")
    [event] = Event.objects.filter(type="user.created", object_id=user["id"])
    assert event.actor_name and "phrase" not in str(event.data)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "username", "required"),
        ({"username": ""}, "username", "blank"),
        ({"username": "a b"}, "username", "invalid"),
        ({"username": "x", "email": "nobody"}, "email", "invalid"),
        ({"username": "x", "role": "root"}, "role", "invalid"),
        ({"username": "x", "roles": ["agent", "admin"]}, "roles", "invalid"),
        ({"username": "x", "teams": ["00000000-0000-7000-8000-000000000000"]}, "teams", "not_found"),
        ({"username": "x", "teams": [5]}, "teams[0]", "invalid"),
        ({"username": "x", "status": "GONE"}, "status", "invalid_choice"),
        ({"username": "x", "password": "12345"}, "password", "password_too_short"),
        ({"username": "x", "isSuperuser": True}, "isSuperuser", "unknown_field"),
    ],
)
def test_what_cannot_be_created_is_refused_by_field(admin_api, body, field, code):
    response = admin_api.post("users/create", body)
    assert response.status_code == 400, response.content
    assert (response.json()["errors"][0]["field"], response.json()["errors"][0]["code"]) == (field, code)


def test_names_are_taken_whatever_their_case(admin_api):
    factories.agent(username="Anna", email="anna@example.com")
    for body, field in (
        ({"username": "ANNA"}, "username"),
        ({"username": "b", "email": "Anna@Example.com"}, "email"),
    ):
        response = admin_api.post("users/create", body)
        assert (response.status_code, response.json()["code"]) == (409, "already_exists")
        assert response.json()["errors"][0]["field"] == field


class TestSupervisors:
    def test_change_nickname_teams_and_status_of_agents(self):
        agent, team = factories.agent(), factories.team()
        body = {"nickname": "Bo", "teams": [{"id": str(team.pk)}], "status": "BUSY"}
        changed = as_("supervisor").put(f"users/{agent.pk}", body).json()
        assert changed["nickname"] == "Bo" and changed["status"] == "BUSY"
        assert [each["id"] for each in changed["teams"]] == [str(team.pk)]

    @pytest.mark.parametrize(
        "body",
        [
            {"role": "supervisor"},
            {"password": "a phrase nobody knows"},
            {"email": "n@ew.com"},
            {"active": False},
        ],
    )
    def test_never_change_roles_or_passwords(self, body):
        response = as_("supervisor").put(f"users/{factories.agent().pk}", body)
        assert (response.status_code, response.json()["code"]) == (403, "role_not_permitted")

    @pytest.mark.parametrize("role", ["admin", "supervisor"])
    def test_never_change_admins_or_each_other(self, role):
        response = as_("supervisor").put(f"users/{factories.user(role).pk}", {"nickname": "Ha"})
        assert (response.status_code, response.json()["code"]) == (403, "role_not_permitted")

    def test_never_move_admins_between_teams(self):
        team, admin = factories.team(), factories.admin()
        supervisor = as_("supervisor")
        assert supervisor.put(f"teams/{team.pk}", {"members": [str(admin.pk)]}).status_code == 403
        assert supervisor.put(f"teams/{team.pk}", {"members": [str(factories.agent().pk)]}).status_code == 200

    def test_may_send_a_whole_object_back(self):
        supervisor, agent = as_("supervisor"), factories.agent()
        whole = supervisor.get(f"users/{agent.pk}").json()
        assert supervisor.put(f"users/{agent.pk}", whole | {"nickname": "Bo"}).json()["nickname"] == "Bo"


class TestTokensThatAreLimited:
    def test_a_token_limited_to_teams_manages_nobody(self):
        team = factories.team()
        limited = as_("admin", team_ids=[team.pk])
        agent = factories.agent(teams=[team])
        assert limited.put(f"users/{agent.pk}", {"nickname": "No"}).status_code == 403
        assert limited.post("users/create", {"username": "nobody"}).status_code == 403
        assert limited.put(f"teams/{team.pk}", {"members": []}).status_code == 403
        assert limited.put("user/profile", {"nickname": "Me"}).status_code == 200

    def test_a_token_with_few_scopes_makes_no_admin(self):
        few = as_("admin", scope_names=["users:read", "users:write"])
        assert few.post("users/create", {"username": "one"}).status_code == 403  # an agent reads tickets too
        assert few.post("users/create", {"username": "two", "role": "admin"}).status_code == 403
        assert few.put(f"users/{factories.agent().pk}", {"role": "admin"}).status_code == 403
        body = {"password": "a phrase nobody knows"}
        assert few.put(f"users/{factories.admin().pk}", body).status_code == 403


class TestLeaving:
    def test_deleting_a_user_takes_it_out_of_service_and_keeps_it(self, admin_api, api, agent):
        admin_api.put(f"users/{agent.pk}", {"status": "AVAILABLE"})
        for _ in range(2):
            gone = admin_api.delete(f"users/{agent.pk}")
            assert (gone.status_code, gone.json()) == (200, {"id": str(agent.pk), "deleted": True})
        assert api.get("user/profile").json()["code"] == "user_inactive"
        kept = admin_api.get(f"users/{agent.pk}").json()
        assert kept["active"] is False and kept["status"] == "OFFLINE"
        assert Event.objects.filter(type="user.updated", object_id=agent.pk).count() == 1
        admin_api.put(f"users/{agent.pk}", {"active": True})
        assert api.get("user/profile").status_code == 200

    @pytest.mark.parametrize("body", [{"active": False}, {"role": "agent"}, {"roles": ["supervisor"]}])
    def test_nobody_deactivates_or_demotes_himself(self, admin_api, admin, body):
        factories.admin()
        response = admin_api.put(f"users/{admin.pk}", body)
        assert (response.status_code, response.json()["code"]) == (409, "invalid_state")
        assert admin_api.delete(f"users/{admin.pk}").status_code == 409

    def test_the_last_admin_stays(self, admin):
        with pytest.raises(Problem) as refused:
            change_user(user_id=admin.pk, changes={"role": "agent"})
        assert refused.value.code == "invalid_state"

    def test_what_is_no_id_or_nobodys_is_not_found(self, admin_api):
        for id in ("nobody", "00000000-0000-7000-8000-000000000000"):
            assert admin_api.get(f"users/{id}").status_code == 404
            assert admin_api.put(f"users/{id}", {"nickname": "x"}).status_code == 404
            assert admin_api.delete(f"users/{id}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_demote_each_other_at_once_leave_one():
    one, other = factories.admin(), factories.admin()
    start, outcomes = threading.Barrier(2), []

    def demote(actor: User, target: User) -> None:
        start.wait()
        try:
            change_user(user_id=target.pk, changes={"role": "agent"}, actor=actor)
            outcomes.append("done")
        except Problem as problem:
            outcomes.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "invalid_state"]
    assert User.objects.filter(role="admin").count() == 1


def test_a_change_of_rights_is_told_and_judged_again(admin_api, api, agent):
    team = factories.team()
    admin_api.put(f"users/{agent.pk}", {"teams": [str(team.pk)], "role": "supervisor"})
    [event] = Event.objects.filter(type="user.updated")
    assert event.data["changed"] == ["role", "teams"] and event.data["old"] == {"role": "agent"}
    assert api.get("user/profile").json()["roles"] == ["supervisor"]


def test_a_stale_if_match_is_refused(admin_api):
    agent = factories.agent()
    etag = admin_api.get(f"users/{agent.pk}")["ETag"]
    assert (
        admin_api.put(f"users/{agent.pk}", {"nickname": "A"}, headers={"If-Match": etag}).status_code == 200
    )
    stale = admin_api.put(f"users/{agent.pk}", {"nickname": "B"}, headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "conflict")
    assert admin_api.delete(f"users/{agent.pk}", headers={"If-Match": etag}).status_code == 412
