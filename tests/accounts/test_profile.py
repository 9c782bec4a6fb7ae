"""`/api/user/profile` and one's own password."""

import pytest
from django.test import Client

from accounts.models import User
from events.models import Event
from tests import factories
from tests.conftest import Api

pytestmark = pytest.mark.django_db


def events(type: str) -> list[Event]:
    return list(Event.objects.filter(type=type).order_by("id"))


def test_a_profile_says_who_one_is_and_by_which_token(agent):
    team = factories.team("Sales")
    agent.teams.add(team)
    text = factories.token(agent, name="CRM", entries=["crm.example.com"])
    response = Api(text, Origin="https://crm.example.com").get("user/profile")
    profile = response.json()
    assert response.status_code == 200
    assert profile["id"] == profile["uid"] == str(agent.pk)
    assert profile["username"] == agent.username and profile["email"] == agent.email
    assert profile["roles"] == ["agent"] and profile["status"] == "OFFLINE"
    assert profile["teams"] == [{"id": str(team.pk), "name": "Sales"}]
    assert profile["token"]["name"] == "CRM" and profile["token"]["domains"] == ["crm.example.com"]
    assert "tickets:read" in profile["token"]["scopes"] and profile["token"]["expiresAt"].endswith("Z")
    assert "password" not in profile


def test_any_scope_reads_the_profile(agent):
    assert Api(factories.token(agent, scope_names=["tickets:read"])).get("user/profile").status_code == 200


def test_a_profile_costs_three_statements(api, django_assert_num_queries):
    with django_assert_num_queries(3):  # the caller, the user with its teams, the token's name and domains
        api.get("user/profile")


def test_one_changes_what_is_ones_own(api, agent):
    wanted = {
        "nickname": "小明 🙂 שלום",
        "avatar": "https://cdn.example.com/a.png",
        "language": "zh-hans",
        "timezone": "Asia/Shanghai",
        "status": "AVAILABLE",
    }
    profile = api.put("user/profile", wanted).json()
    assert wanted.items() <= profile.items()
    assert wanted.items() <= api.get("user/profile").json().items()
    [presence] = events("user.presence")
    assert presence.audience == ["users/staff"]
    assert presence.data == {
        "status": "AVAILABLE",
        "agentInfo": {"uid": str(agent.pk), "nickname": "小明 🙂 שלום", "avatar": wanted["avatar"]},
    }


def test_a_whole_profile_may_be_sent_back_and_nothing_happens(api):
    profile = api.get("user/profile").json()
    before = Event.objects.count()
    again = api.patch("user/profile", profile | {"roles": ["admin"], "username": "root", "email": "x@y.com"})
    assert again.json() == profile
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "ASLEEP"),
        ("language", "tlh"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "America"),
        ("timezone", "../etc/passwd"),
        ("avatar", "javascript:alert(1)"),
        ("nickname", "n" * 81),
        ("nickname", 5),
        ("nickname", None),
    ],
)
def test_what_cannot_be_is_refused_by_name(api, field, value):
    response = api.put("user/profile", {field: value})
    assert response.status_code == 400 and response.json()["code"] == "validation_failed"
    assert response.json()["errors"][0]["field"] == field


def test_an_unknown_field_is_named(api):
    response = api.put("user/profile", {"is_superuser": True})
    assert response.status_code == 400
    assert response.json()["errors"][0] | {"detail": ""} == {
        "field": "is_superuser", "code": "unknown_field", "detail": "",
    }  # fmt: skip


def test_a_stale_if_match_is_refused_with_the_current_profile(api):
    etag = api.get("user/profile")["ETag"]
    assert api.put("user/profile", {"nickname": "A"}, headers={"If-Match": etag}).status_code == 200
    refused = api.put("user/profile", {"nickname": "B"}, headers={"If-Match": etag})
    assert refused.status_code == 412
    assert refused.json()["current"]["nickname"] == "A" and refused["ETag"] != etag


def test_the_same_status_twice_is_one_event(api):
    api.put("user/profile", {"status": "BUSY"})
    api.put("user/profile", {"status": "BUSY"})
    assert len(events("user.presence")) == 1


def test_renaming_a_user_keeps_its_tokens_working(admin_api, api, agent):
    admin_api.put(f"users/{agent.pk}", {"username": "renamed", "email": "renamed@example.com"})
    assert api.get("user/profile").json()["username"] == "renamed"


class TestPasswords:
    def test_a_new_password_takes_the_current_one_and_the_validators(self):
        user = factories.agent(password=factories.PASSWORD)
        api = Api(factories.token(user))
        wrong = api.post("user/password", {"currentPassword": "guess", "newPassword": "a longer one 42"})
        assert wrong.json()["errors"][0]["field"] == "currentPassword"
        weak = api.post("user/password", {"currentPassword": factories.PASSWORD, "newPassword": "password"})
        assert weak.json()["errors"][0]["field"] == "newPassword"
        sent = {"currentPassword": factories.PASSWORD, "newPassword": "a longer one 42"}
        assert api.post("user/password", sent).status_code == 200
        user.refresh_from_db()
        assert user.check_password("a longer one 42")
        assert "a longer one" not in str([event.data for event in Event.objects.all()])

    def test_guesses_are_locked_out(self):
        user = factories.agent(password=factories.PASSWORD)
        api = Api(factories.token(user))
        for _ in range(9):
            api.post("user/password", {"currentPassword": "guess", "newPassword": "a longer one 42"})
        right = {"currentPassword": factories.PASSWORD, "newPassword": "a longer one 42"}
        assert api.post("user/password", right).status_code == 400

    def test_who_has_only_a_token_gains_no_password_by_it(self, api):
        response = api.post("user/password", {"currentPassword": "", "newPassword": "a longer one 42"})
        assert (response.status_code, response.json()["code"]) == (403, "role_not_permitted")

    def test_a_new_password_ends_the_other_sessions(self, admin_api, client):
        user = factories.admin(password=factories.PASSWORD)
        client.force_login(user, backend="accounts.backends.UsernameOrEmailBackend")
        assert client.get("/admin/").status_code == 200
        changed = admin_api.put(f"users/{user.pk}", {"password": "another long phrase"})
        assert changed.status_code == 200
        assert client.get("/admin/").status_code == 302
        assert User.objects.get(pk=user.pk).check_password("another long phrase")

    def test_the_session_that_changes_it_goes_on_and_the_others_end(self):
        user = factories.agent(password=factories.PASSWORD)
        here, elsewhere = session_of(user), session_of(user)
        body = {"currentPassword": factories.PASSWORD, "newPassword": "a longer one 42"}
        changed = here.post("/api/user/password", body, content_type="application/json")
        assert changed.status_code == 200, changed.content
        assert here.get("/api/user/profile").json()["token"] is None
        assert elsewhere.get("/api/user/profile").json()["code"] == "session_ended"


def session_of(user: User) -> Client:
    """Return a browser that is signed in with the password, and knows its CSRF token."""
    browser = Client(headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"})
    browser.force_login(user, backend="accounts.backends.UsernameOrEmailBackend")
    session = browser.session
    session["_csrftoken"] = "a" * 32
    session.save()
    browser.defaults["HTTP_X_CSRFTOKEN"] = "a" * 32
    return browser
