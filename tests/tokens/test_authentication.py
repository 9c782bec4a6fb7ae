"""The order of checks, and what each kind of call needs (tokens.md sections 1, 3 and 5)."""

import hashlib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.conftest import Api
from tokens import authentication, rows, services, throttle
from tokens.models import AccessToken, HandoffSession, State
from tokens.origins import Facts
from tokens.services import issue_one_time

pytestmark = pytest.mark.django_db


def code(api: Api, path: str = "tickets/list", **options) -> str:
    response = api.get(path, **options)
    return "ok" if response.status_code == 200 else response.json()["code"]


def test_the_checks_run_in_their_order(agent, django_assert_num_queries):
    """Everything is wrong at first; each repair uncovers the next check. Section 1, "Order of checks"."""
    text = factories.token(
        agent, scope_names=["settings:read"], entries=["a.example"], allowed_ips=["10.0.0.1"]
    )
    row = factories.token_row(text)
    past = timezone.now() - timedelta(days=3)
    wrong = {
        "state": State.DISABLED, "created_at": past, "expires_at": past + timedelta(days=1), "user": agent,
    }  # fmt: skip
    AccessToken.objects.filter(pk=row.pk).update(**wrong)
    agent.is_active = False
    agent.save()
    stranger = {"Origin": "https://evil.example"}

    def now(credential: str = text) -> str:
        throttle.forget_failures()
        return code(Api(credential, **stranger))

    with django_assert_num_queries(0):
        assert now("x" * 1101) == "token_malformed"
        assert now(text[:-1] + ("A" if text[-1] != "A" else "B")) == "token_invalid"
    found = []
    repairs = [
        lambda: AccessToken.objects.filter(pk=row.pk).update(state=State.REVOKED),
        lambda: AccessToken.objects.filter(pk=row.pk).update(state=State.ROTATED, grace_until=past),
        lambda: AccessToken.objects.filter(pk=row.pk).update(state=State.ACTIVE),
        lambda: AccessToken.objects.filter(pk=row.pk).update(expires_at=timezone.now() + timedelta(days=1)),
        lambda: type(agent).objects.filter(pk=agent.pk).update(is_active=True),
        lambda: AccessToken.objects.filter(pk=row.pk).update(allowed_ips=["127.0.0.1"]),
        lambda: AccessToken.objects.filter(pk=row.pk).update(domains=["https://evil.example"]),
        lambda: AccessToken.objects.filter(pk=row.pk).update(scopes=["tickets:read"]),
    ]
    for repair in repairs:
        found.append(now())
        repair()
    assert [*found, now()] == [
        "token_disabled", "token_revoked", "token_rotated", "token_expired", "user_inactive",
        "ip_not_allowed", "domain_not_allowed", "insufficient_scope", "ok",
    ]  # fmt: skip


def test_a_genuine_token_costs_one_statement(api, django_assert_num_queries):
    AccessToken.objects.update(state=State.DISABLED)
    with django_assert_num_queries(1):
        assert code(api) == "token_disabled"


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"Origin": "http://a.example"}, "ok"),
        ({"Origin": "https://a.example"}, "ok"),
        ({"Origin": "http://b.a.example"}, "domain_not_allowed"),
        ({"Origin": "null"}, "domain_not_allowed"),
        ({"Origin": ""}, "domain_not_allowed"),
        ({"Origin": "https://evil.com\\@a.example"}, "domain_not_allowed"),
        ({"Origin": "http://a.example", "Referer": "https://evil.example/"}, "ok"),
        ({"Origin": "http://testserver"}, "ok"),
        ({"Referer": "http://a.example/page?x=1"}, "ok"),
        ({"Referer": "https://evil.example/"}, "domain_not_allowed"),
        ({"Referer": "https://evil.com\\@a.example/"}, "origin_missing"),
        ({"Sec-Fetch-Site": "same-origin"}, "ok"),
        ({"Sec-Fetch-Site": "cross-site"}, "origin_missing"),
        ({}, "origin_missing"),
    ],
)
def test_where_a_call_to_the_api_may_come_from(agent, headers, verdict):
    assert code(Api(factories.token(agent, entries=["a.example"]), **headers)) == verdict


def test_a_referer_does_not_let_a_write_pass(agent):
    api = Api(factories.token(agent, entries=["a.example"]), Referer="http://a.example/")
    assert api.post("tokens/one-time", {}).json()["code"] == "origin_missing"


def test_server_calls_pass_where_they_are_allowed_and_pages_are_still_judged(agent):
    text = factories.token(agent, entries=["a.example"], allow_no_origin=True)
    assert code(Api(text)) == "ok"
    assert code(Api(text, Origin="https://evil.example")) == "domain_not_allowed"


@pytest.mark.parametrize(
    ("networks", "verdict"),
    [
        (["127.0.0.1"], "ok"),
        (["127.0.0.0/8"], "ok"),
        (["10.0.0.0/8", "::1"], "ip_not_allowed"),
        (["::/0"], "ip_not_allowed"),
    ],
)
def test_addresses_are_checked_also_for_server_calls(agent, networks, verdict):
    text = factories.token(agent, allowed_ips=networks, allow_no_origin=True)
    assert code(Api(text)) == verdict
    forged = Api(text, **{"X-Forwarded-For": "10.0.0.1"})
    assert code(forged) == verdict


def test_a_refusal_of_credentials_is_401_and_one_of_place_or_scope_403(agent):
    off = factories.token(agent, disabled=True)
    for api, status in (
        (Api(off), 401),
        (Api(factories.token(agent, entries=["a.example"])), 403),
        (Api(factories.token(agent, scope_names=["settings:read"])), 403),
    ):
        response = api.get("tickets/list")
        assert response.status_code == status
        challenge = response.headers.get("WWW-Authenticate", "")
        assert ('error="invalid_token"' in challenge) == (status == 401)
    assert 'scope="tickets:read"' in challenge


def test_401_and_403_are_readable_for_every_page(agent):
    origin = "https://evil.example"
    for text in (
        factories.token(agent, disabled=True),
        factories.token(agent, entries=["a.example"]),
        "x.y.z",
    ):
        response = Api(text, Origin=origin).get("tickets/list")
        assert response["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in response


def test_effective_rights_are_those_of_the_token_and_of_the_user_now(admin):
    api = Api(factories.token(admin, scope_names=["tokens:read", "tickets:read"]))
    assert code(api, "tokens/list") == "ok"
    admin.role = "agent"
    admin.save()
    assert code(api, "tokens/list") == "insufficient_scope"
    assert code(api) == "ok"


def test_a_team_limit_leaves_only_those_teams(db):
    red, blue = factories.team(), factories.team()
    person = factories.supervisor(teams=[red])
    row = factories.token_row(factories.token(person, team_ids=[blue.pk]))
    facts = Facts("127.0.0.1", None, "", "", "http://testserver", "GET")
    caller = authentication.judge(rows.by_id(row.pk), facts)
    assert caller.team_ids == (blue.pk,) or list(caller.team_ids) == [blue.pk]
    assert caller.limited and not caller.sees_all


def test_a_one_time_token_whose_parent_is_gone_is_no_token(agent):
    parent = factories.token_row(factories.token(agent))
    text = issue_one_time(parent=parent, surface="agent").text
    parent.delete()
    assert code(Api(text)) == "token_invalid"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"state": State.DISABLED}, "token_disabled"),
        ({"state": State.REVOKED}, "token_revoked"),
        ({"state": State.ROTATED, "grace_until": timezone.now()}, "token_rotated"),
        (
            {
                "created_at": timezone.now() - timedelta(days=2),
                "expires_at": timezone.now() - timedelta(days=1),
            },
            "token_expired",
        ),
    ],
)
def test_a_one_time_token_dies_with_its_parent(agent, change, verdict):
    parent = factories.token_row(factories.token(agent))
    text = issue_one_time(parent=parent, surface="agent", ttl=300).text
    assert code(Api(text)) == "surface_not_permitted"
    AccessToken.objects.filter(pk=parent.pk).update(**change)
    assert code(Api(text)) == verdict


def test_only_failures_are_throttled_and_a_valid_token_is_never_locked(agent):
    good, bad = Api(factories.token(agent)), Api("x.y.z")
    statuses = [bad.get("tickets/list").status_code for _ in range(62)]
    assert statuses.count(401) == 60 and statuses[-1] == 429
    assert int(bad.get("tickets/list")["Retry-After"]) <= 60
    assert good.get("tickets/list").status_code == 200
    evading = Api("x.y.z", **{"X-Forwarded-For": "203.0.113.9"})
    assert evading.get("tickets/list").status_code == 429


@pytest.fixture
def tab(agent):
    """A tab bearer of a session that hangs on a token, as the handoff makes it."""
    row = factories.token_row(factories.token(agent, entries=["a.example"]))
    bearer = f"{authentication.TAB}{'b' * 40}"
    session = HandoffSession.objects.create(
        token=row,
        user=agent,
        surface="agent",
        kind="frame",
        handle="handle",
        bearer_hash=hashlib.sha256(bearer.encode()).digest(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return Api(bearer, **{"Sec-Fetch-Site": "same-origin"}), row, session


def test_a_tab_bearer_works_on_the_desks_own_pages_only(tab):
    api, _, _ = tab
    assert code(api) == "ok"
    for headers in ({"Origin": "http://a.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert code(Api(api.token, **headers)) == "domain_not_allowed"


def test_a_session_ends_with_its_token(tab):
    api, row, _ = tab
    services.rotate_token(row=row, actor=None)
    assert code(api) == "ok"
    for end, verdict in (
        (lambda: services.disable_token(row=row), "token_rotated"),
        (lambda: services.revoke_token(row=row), "token_revoked"),
        (lambda: row.delete(), "session_ended"),
    ):
        end()
        assert code(api) == verdict


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"ended_at": timezone.now()}, "session_ended"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "session_ended"),
        ({"seen_at": timezone.now() - timedelta(hours=9)}, "session_ended"),
        ({"bearer_hash": None}, "session_ended"),
    ],
)
def test_a_session_ends_by_itself(tab, change, verdict):
    api, _, session = tab
    HandoffSession.objects.filter(pk=session.pk).update(**change)
    assert code(api) == verdict


@pytest.mark.parametrize(
    ("destination", "status"),
    [
        *[(each, 200) for each in ("", "empty", "document", "iframe", "frame")],
        *[(each, 403) for each in ("image", "script", "style", "video", "object", "embed", "font", "x")],
    ],
)
def test_a_picture_or_the_like_calls_nothing_by_cookie(agent, destination, status):
    browser = Client(headers={"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": destination})
    browser.force_login(agent, backend="accounts.backends.UsernameOrEmailBackend")
    answer = browser.get("/api/user/profile")
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "domain_not_allowed"
