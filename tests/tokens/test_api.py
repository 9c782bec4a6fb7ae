"""The endpoints of tokens: who may see and change which, and the secret that is shown once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from api.models import IdempotentAnswer
from tests import factories
from tests.conftest import Api
from tokens.models import AccessToken
from tokens.services import disable_token

pytestmark = pytest.mark.django_db


SHOPS = {"entries": ["https://*.shop.example"], "allow_no_origin": True}


def own(api: Api) -> str:
    return str(factories.token_row(api.token).pk)


def refused_field(response) -> tuple[int, str, str]:
    error = response.json()["errors"][0]
    return response.status_code, error["field"], error["code"]


def test_a_created_token_works_and_shows_its_secret_only_then(api):
    made = api.post("tokens/create", {"name": "Shop", "domains": ["Shop.Example"], "allowNoOrigin": True})
    token = made.json()
    assert made.status_code == 200
    assert (token["name"], token["domains"], token["state"]) == ("Shop", ["shop.example"], "active")
    assert Api(token["accessToken"]).get("tokens/list").status_code == 200
    for answer in (api.get(f"tokens/{token['id']}"), api.get("tokens/list")):
        assert token["accessToken"] not in answer.content.decode()


def test_one_object_has_the_same_members_as_the_list(api):
    listed = api.get("tokens/list").json()[0]
    one = api.get(f"tokens/{listed['id']}").json()
    assert {name: one[name] for name in listed} == listed | {
        "lastUsedAt": one["lastUsedAt"], "lastUsedIp": one["lastUsedIp"]
    }  # fmt: skip
    assert one["uid"] == one["id"] and one["user"]["username"] and one["use"] == {"days": [], "denials": []}


def test_a_list_costs_one_statement_for_the_caller_and_one_for_the_page(api, django_assert_num_queries):
    with django_assert_num_queries(2):
        api.get("tokens/list")


def test_an_agent_sees_its_own_tokens_and_an_admin_all(api, admin_api):
    assert [each["id"] for each in api.get("tokens/list").json()] == [own(api)]
    assert {each["id"] for each in admin_api.get("tokens/list").json()} == {own(api), own(admin_api)}
    for path in ("", "/check"):
        assert api.get(f"tokens/{own(admin_api)}{path}").status_code == 404
        assert admin_api.get(f"tokens/{own(api)}{path}").status_code == 200
    for what in ("rotate", "disable", "enable", "revoke"):
        assert api.post(f"tokens/{own(admin_api)}/{what}", {}).status_code == 404
    assert api.patch(f"tokens/{own(admin_api)}", {"name": "mine"}).status_code == 404


def test_the_list_is_narrowed_by_the_state_that_people_see(admin_api, admin):
    past = timezone.now() - timedelta(days=2)
    expired = factories.token_row(factories.token(admin))
    AccessToken.objects.filter(pk=expired.pk).update(created_at=past, expires_at=past + timedelta(days=1))
    off = disable_token(row=factories.token_row(factories.token(admin)))
    states = {each["id"]: each["state"] for each in admin_api.get("tokens/list").json()}
    assert (states[str(expired.pk)], states[str(off.pk)]) == ("expired", "disabled")
    found = admin_api.get("tokens/list?state=expired,disabled").json()
    assert {each["id"] for each in found} == {str(expired.pk), str(off.pk)}
    for each in found:
        assert AccessToken.objects.get(pk=each["id"]).state_at() == each["state"]
    assert admin_api.get("tokens/list?state=lost").status_code == 400


def test_a_token_without_any_token_scope_sees_none(agent):
    response = Api(factories.token(agent, scope_names=["tickets:read"])).get("tokens/list")
    assert (response.status_code, response.json()["scope"]) == (403, "tokens:self")


def test_unknown_fields_are_named_and_fields_that_only_go_out_are_ignored(api):
    assert refused_field(api.post("tokens/create", {"colour": "red"})) == (400, "colour", "unknown_field")
    whole = api.get(f"tokens/{own(api)}").json() | {"name": "Renamed"}
    edited = api.put(f"tokens/{own(api)}", whole)
    assert (edited.status_code, edited.json()["name"]) == (200, "Renamed")


def test_a_write_with_an_old_etag_is_refused_with_the_current_object(api):
    first = api.get(f"tokens/{own(api)}")
    assert (
        api.patch(f"tokens/{own(api)}", {"name": "A"}, headers={"If-Match": first["ETag"]}).status_code == 200
    )
    late = api.patch(f"tokens/{own(api)}", {"name": "B"}, headers={"If-Match": first["ETag"]})
    assert (late.status_code, late.json()["code"], late.json()["current"]["name"]) == (412, "conflict", "A")
    assert late["ETag"] == api.get(f"tokens/{own(api)}")["ETag"]


def test_using_a_token_does_not_change_its_etag(api):
    from tokens import usage

    first = api.get(f"tokens/{own(api)}")
    usage.flush()
    second = api.get(f"tokens/{own(api)}")
    assert first["ETag"] == second["ETag"] and second.json()["lastUsedAt"]


def test_expiry_may_be_shortened_and_never_lengthened(api):
    ends = datetime.fromisoformat(api.get(f"tokens/{own(api)}").json()["expiresAt"])
    later, sooner = (ends + timedelta(days=delta) for delta in (1, -1))
    answer = api.patch(f"tokens/{own(api)}", {"expiresAt": later.isoformat()})
    assert refused_field(answer)[1:] == ("expiresAt", "only_shorter")
    shortened = api.patch(f"tokens/{own(api)}", {"expiresAt": sooner.isoformat()})
    assert datetime.fromisoformat(shortened.json()["expiresAt"]) == sooner
    assert (
        refused_field(api.patch(f"tokens/{own(api)}", {"expiresAt": "2020-01-01T00:00:00Z"}))[2]
        == "in_the_past"
    )


@pytest.mark.parametrize(
    ("options", "asked", "field"),
    [
        ({"scope_names": ["tokens:self", "tickets:read"]}, {"scopes": ["tickets:write"]}, "scopes"),
        (SHOPS, {"domains": []}, "domains"),
        (SHOPS, {"domains": ["shop.example"]}, "domains"),
        (SHOPS, {"domains": ["http://a.shop.example"]}, "domains"),
        ({"allowed_ips": ["127.0.0.0/24"]}, {"allowedIps": ["127.0.0.0/16"]}, "allowedIps"),
        ({"allowed_ips": ["127.0.0.0/24"]}, {"allowedIps": []}, "allowedIps"),
        ({"expires_in": 3600}, {"expiresIn": 3700}, "expiresAt"),
    ],
)  # fmt: skip
def test_a_token_never_issues_one_that_can_do_more(agent, options, asked, field):
    response = Api(factories.token(agent, **options)).post("tokens/create", asked)
    assert refused_field(response) == (400, field, "beyond_token")


def test_what_is_not_named_is_taken_from_the_token_that_issues(agent):
    team = factories.team()
    api = Api(
        factories.token(
            agent,
            scope_names=["tokens:self", "tickets:read"],
            entries=["https://*.shop.example"],
            team_ids=[team.pk],
            allow_no_origin=True,
            allowed_ips=["127.0.0.0/8"],
            expires_in=3600,
        )
    )
    made = api.post("tokens/create", {}).json()
    assert made["scopes"] == ["tickets:read", "tokens:self"]
    assert (made["domains"], made["teams"]) == (["https://*.shop.example"], [str(team.pk)])
    assert (made["allowedIps"], made["allowNoOrigin"]) == (["127.0.0.0/8"], False)
    assert made["expiresAt"] <= api.get(f"tokens/{own(api)}").json()["expiresAt"]
    narrower = api.post(
        "tokens/create", {"domains": ["https://a.b.shop.example"], "allowedIps": ["127.0.0.1"]}
    )
    assert narrower.status_code == 200


def test_a_token_neither_edits_rotates_nor_enables_one_that_can_do_more(agent):
    strong = str(factories.token_row(factories.token(agent)).pk)
    weak = Api(factories.token(agent, scope_names=["tokens:self"]))
    for answer in (
        weak.patch(f"tokens/{strong}", {"name": "mine"}),
        weak.post(f"tokens/{strong}/rotate", {}),
        weak.post(f"tokens/{strong}/enable", {}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_permitted")
    assert weak.post(f"tokens/{strong}/disable", {}).json()["state"] == "disabled"


def test_a_token_cannot_widen_itself(agent):
    api = Api(factories.token(agent, scope_names=["tokens:self"], expires_in=3600))
    assert refused_field(api.patch(f"tokens/{own(api)}", {"scopes": ["tickets:read"]}))[1:] == (
        "scopes", "beyond_token"
    )  # fmt: skip
    assert refused_field(api.patch(f"tokens/{own(api)}", {"scopes": []}))[1:] == ("scopes", "beyond_token")
    assert (
        api.patch(f"tokens/{own(api)}", {"domains": ["shop.example"], "allowNoOrigin": True}).status_code
        == 200
    )


def test_only_tokens_write_issues_for_somebody_else(api, admin_api, agent):
    other = factories.agent()
    answer = api.post("tokens/create", {"user": str(other.pk)})
    assert (answer.status_code, answer.json()["scope"]) == (403, "tokens:write")
    for word in (str(other.pk), other.username, other.email, {"id": str(other.pk)}):
        made = admin_api.post("tokens/create", {"user": word}).json()
        assert made["user"]["id"] == str(other.pk) and "login:admin" not in made["scopes"]
    assert refused_field(admin_api.post("tokens/create", {"user": "nobody"}))[1:] == ("user", "not_found")


def test_a_password_session_is_limited_by_its_role_only(agent, client):
    agent.set_password(factories.PASSWORD)
    agent.save()
    client.force_login(agent, "accounts.backends.UsernameOrEmailBackend")
    listed = client.get("/api/tokens/list", headers={"Sec-Fetch-Site": "same-origin"})
    assert (listed.status_code, listed.json()) == (200, [])


def test_a_rotated_token_says_so_in_every_answer_and_its_successor_works(api):
    made = api.post(f"tokens/{own(api)}/rotate", {"grace": 60}).json()
    old = api.get("tokens/list")
    assert (old.status_code, old["X-Access-Token-Status"]) == (200, "rotated")
    new = Api(made["accessToken"])
    fresh = new.get("tokens/list")
    assert fresh.status_code == 200 and "X-Access-Token-Status" not in fresh
    assert made["family"] == new.get(f"tokens/{own(api)}").json()["family"]


def test_a_secret_is_never_kept_for_replay(api):
    key = {"Idempotency-Key": "one"}
    first = api.post("tokens/create", {"name": "Once"}, headers=key).json()
    again = api.post("tokens/create", {"name": "Once"}, headers=key)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first | {"accessToken": None}
    assert first["accessToken"].encode() not in bytes(IdempotentAnswer.objects.get().body)
    assert AccessToken.objects.filter(name="Once").count() == 1


def test_an_answer_with_a_secret_is_never_cached(api):
    assert api.post("tokens/create", {})["Cache-Control"] == "no-store"


def test_disable_enable_and_revoke_answer_with_the_whole_object(admin_api, api):
    assert admin_api.post(f"tokens/{own(api)}/disable", {}).json()["state"] == "disabled"
    assert api.get("tokens/list").json()["code"] == "token_disabled"
    assert admin_api.post(f"tokens/{own(api)}/enable", {}).json()["state"] == "active"
    revoked = admin_api.post(f"tokens/{own(api)}/revoke", {"reason": "lost laptop"}).json()
    assert (revoked["state"], revoked["revokedReason"]) == ("revoked", "lost laptop")
    assert api.get("tokens/list").json()["code"] == "token_revoked"
    back = admin_api.post(f"tokens/{own(api)}/enable", {})
    assert (back.status_code, back.json()["code"]) == (409, "invalid_state")


def test_a_one_time_token_is_for_a_surface_that_the_long_token_may_open(agent):
    api = Api(factories.token(agent))
    made = api.post("tokens/one-time", {"surface": "agent", "ttl": 300}).json()
    assert (made["surface"], made["scopes"], made["parent"]) == ("agent", ["login:agent"], own(api))
    assert made["id"] not in {each["id"] for each in api.get("tokens/list").json()}
    refused = api.post("tokens/one-time", {"surface": "admin"})
    assert (refused.status_code, refused.json()["scope"]) == (403, "login:admin")
    assert refused_field(api.post("tokens/one-time", {"ttl": 301}))[1] == "ttl"
    assert refused_field(api.post("tokens/one-time", {"surface": "desktop"}))[1] == "surface"


def test_a_one_time_token_does_not_call_the_api(api):
    text = api.post("tokens/one-time", {}).json()["accessToken"]
    answer = Api(text).get("tickets/list")
    assert (answer.status_code, answer.json()["code"]) == (403, "surface_not_permitted")


def test_the_check_says_whether_it_would_work_and_why(api):
    api.patch(f"tokens/{own(api)}", {"domains": ["shop.example"], "allowNoOrigin": True})
    good = api.get(f"tokens/{own(api)}/check?origin=http://shop.example").json()
    bad = api.get(f"tokens/{own(api)}/check?origin=http://evil.example").json()
    assert good["works"] and not bad["works"]
    assert {"domain_not_allowed"} == {each["code"] for each in bad["findings"] if each["level"] == "error"}
    assert all(set(each) == {"code", "level", "text", "fix"} for each in bad["findings"])
    assert api.get(f"tokens/{own(api)}/check?page=x").json()["parameter"] == "page"


def test_times_are_utc_with_z(api):
    shown = api.get("tokens/list").json()[0]
    assert shown["createdAt"].endswith("Z")
    assert datetime.fromisoformat(shown["createdAt"]).tzinfo == UTC


@pytest.mark.parametrize("path", ["tokens/nothing", "tokens/list/", "tokens/create/", "tokens/x/rotate/"])
def test_what_is_not_there_is_404(api, path):
    assert api.get(path).status_code == 404
