"""The login URLs: what is a login, which token opens which surface, what the answer says (tokens.md 3, 4,
7).
"""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.roles import AGENT
from events.models import Event
from tests import factories
from tests.tokens.visitor import PARTNER, Visitor, code_of, handle_of, reason
from tokens import jwt, throttle
from tokens.models import AccessToken, HandoffSession
from tokens.services import disable_token, issue_one_time, issue_token, revoke_token

DEAD = {
    "token_disabled",
    "token_revoked",
    "token_expired",
    "user_inactive",
    "token_invalid",
    "token_malformed",
}


@pytest.fixture
def visitor():
    return Visitor()


@pytest.fixture
def token(agent):
    return factories.token(agent)


def refused(response, code: str) -> bool:
    """Whether a login was refused for a reason, without a session or a cookie (case 7.4: cookie on a
    refused handoff).
    """
    return reason(response) == code and not response.cookies and not HandoffSession.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["/agent/auth/login", "/agent/auth/login/", "/desktop/auth/login"],
    ids=["plain", "slash", "desktop"],
)
def test_a_link_signs_in_and_the_token_is_gone_from_the_address(visitor, token, agent, path):
    response = visitor.open(token, path=path)
    assert reason(response) == "ok"
    assert response["Location"].startswith("/agent/?h=")
    assert token not in str(response.headers)
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    answer = visitor.session(response)
    assert answer.json()["user"]["username"] == agent.username
    assert answer.json()["surface"] == "agent"


def test_the_admin_has_its_own_login_before_the_admins_catch_all(visitor, admin):
    for path in ("/admin/auth/login", "/admin/auth/login/"):
        response = visitor.open(factories.token(admin), path=path)
        assert response["Location"].startswith("/admin/?h=")


def test_a_form_signs_in_by_get_and_by_post(visitor, token):
    assert reason(visitor.open(token, method="post", origin=PARTNER)) == "ok"


def test_the_same_link_signs_in_again_and_again(visitor, token):
    first, second = visitor.open(token), visitor.open(token)
    assert handle_of(first) != handle_of(second)
    assert visitor.session(first).status_code == visitor.session(second).status_code == 200


def test_other_parameters_end_at_the_login_and_next_leads_nowhere(visitor, token):
    """Case 7.4: `next=`."""
    given = {"accessToken": token, "next": "https://evil.example/", "lang": "zh-hans", "theme": "dark"}
    given |= {"view": "tickets", "chrome": "none", "utm": "x", "h": "A" * 22}
    location = visitor.open(given)["Location"]
    assert "evil" not in location and "utm" not in location
    assert "lang=zh-hans&theme=dark&view=tickets&chrome=none#hs=" in location
    assert location.count("h=") == 1
    hostile = visitor.open({"accessToken": token, "view": "x\r\nSet-Cookie: a=b", "lang": '"><script>'})
    assert "view" not in hostile["Location"] and "lang" not in hostile["Location"]


@pytest.mark.parametrize(
    ("dest", "mode"),
    [
        ("image", "no-cors"),
        ("script", "no-cors"),
        ("object", "navigate"),
        ("embed", "navigate"),
        ("empty", "cors"),
        ("empty", "no-cors"),
        ("fencedframe", "navigate"),
        ("document", "no-cors"),
    ],
)
def test_only_a_navigation_signs_in(visitor, token, dest, mode):
    """Case 7.4: img, script, object, fetch login, also for a token without a domain list."""
    assert refused(visitor.open(token, dest=dest, mode=mode), "navigation_required")


@pytest.mark.parametrize(
    "header", [{"Sec_Purpose": "prefetch"}, {"Sec_Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}]
)
def test_a_speculative_request_mints_nothing(visitor, token, header):
    """Case 7.4: prefetch and prerender login."""
    response = visitor.open(token, **header)
    assert refused(response, "speculative_request")
    assert response.status_code == 503 and response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["head", "options", "put", "delete", "patch", "trace"])
def test_other_methods_are_refused(visitor, token, method):
    """Case 7.4: HEAD."""
    given = visitor.open(token, method=method, path=f"/agent/auth/login?accessToken={token}")
    assert given.status_code == 405 and given["Allow"] == "GET, POST"
    assert not given.cookies and not HandoffSession.objects.exists()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "token_missing"),
        ("accessToken=", "token_missing"),
        ("accesstoken={0}", "token_missing"),
        ("accessToken={0}&accessToken={0}", "token_repeated"),
        ("accessToken={0}&access%54oken={0}", "token_repeated"),
        ("accessToken={0}&accessToken=", "token_repeated"),
        ("accessToken=%20{0}", "token_malformed"),
        ("accessToken={0}%0A", "token_malformed"),
        ("accessToken={0}%FF", "token_malformed"),
        ("accessToken=Bearer%20{0}", "token_malformed"),
        ("access%54oken={0}", "ok"),
    ],
)
def test_exactly_one_access_token_is_taken(visitor, token, query, code):
    """Case 7.1: repeated, empty, percent-encoded `accessToken`."""
    response = visitor.open({}, path=f"/agent/auth/login?{query.format(token)}")
    assert reason(response) == code


def test_a_token_in_query_and_form_is_repeated(visitor, token):
    path = f"/agent/auth/login?accessToken={token}"
    assert refused(visitor.open(token, method="post", path=path), "token_repeated")


@pytest.mark.parametrize(
    "path",
    [
        "//agent/auth/login",
        "/agent//auth/login",
        "/Agent/auth/login",
        "/agent/auth/Login",
        "/agent/auth/login//",
        "/agent/auth/login%0A",
        "/agent/auth/login/x",
        "/admin/auth/login/x",
    ],
)
def test_variants_of_the_path_neither_sign_in_nor_pass_the_token_on(visitor, token, path):
    """Case 7.4: `//`, case and slash variants."""
    response = visitor.open({}, path=f"{path}?accessToken={token}")
    assert response.status_code in (404, 302, 301)
    assert token not in response.get("Location", "") and token not in response.content.decode()
    assert response["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert not HandoffSession.objects.exists()


def test_a_forged_token_never_touches_the_database(visitor, token, django_assert_num_queries):
    """Section 1: shape, MAC and expiry come before the row, for the refusal's page as well."""
    forged = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
    with django_assert_num_queries(0):
        assert reason(visitor.open(forged)) == "token_invalid"
        assert reason(visitor.open("nonsense")) == "token_malformed"
        assert reason(visitor.open(token, dest="image", mode="no-cors")) == "navigation_required"


def test_dead_tokens_say_why(visitor, agent, admin):
    """Case 7.2 at the handoff: revoked, disabled, expired, user inactive; and never a 403 for a dead
    credential.
    """
    disabled = issue_token(user=agent, disabled=True)
    revoked = issue_token(user=agent)
    revoke_token(row=revoked.row, actor=admin)
    expired = issue_token(user=agent)
    AccessToken.objects.filter(pk=expired.row.pk).update(
        created_at=timezone.now() - timezone.timedelta(days=2), expires_at=timezone.now()
    )
    asleep = factories.agent()
    inactive = factories.token(asleep)
    type(asleep).objects.filter(pk=asleep.pk).update(is_active=False)
    gone = issue_token(user=agent)
    gone.row.delete()
    for text, code in (
        (disabled.text, "token_disabled"),
        (revoked.text, "token_revoked"),
        (expired.text, "token_expired"),
        (inactive, "user_inactive"),
        (gone.text, "token_invalid"),
    ):
        response = visitor.open(text)
        assert refused(response, code) and response.status_code == 401
        assert 'error="invalid_token"' in response["WWW-Authenticate"]


def test_a_surface_needs_its_scope_and_the_admin_an_admin(visitor, agent, admin):
    for owner, scopes, surface, code in (
        (agent, [], "agent", "ok"),
        (agent, [], "admin", "surface_not_permitted"),
        (agent, ["login:admin"], "admin", "surface_not_permitted"),
        (agent, ["tickets:read"], "agent", "surface_not_permitted"),
        (admin, ["login:agent"], "admin", "surface_not_permitted"),
        (admin, ["login:admin"], "agent", "surface_not_permitted"),
        (admin, [], "admin", "ok"),
    ):
        given = factories.token(owner, scope_names=scopes)
        assert reason(visitor.open(given, surface)) == code, (owner, scopes, surface)


def test_a_demoted_admin_opens_no_admin(visitor, admin):
    """Case 7.2: role lost."""
    given = factories.token(admin)
    type(admin).objects.filter(pk=admin.pk).update(role=AGENT)
    assert refused(visitor.open(given, "admin"), "surface_not_permitted")


def test_addresses_are_checked_before_domains(visitor, agent):
    """The order of section 1: user, IP, domain, scope."""
    given = factories.token(
        agent, allowed_ips=["192.0.2.0/24"], entries=["other.example"], scope_names=["tickets:read"]
    )
    row = factories.token_row(given)
    assert refused(visitor.open(given), "ip_not_allowed")
    AccessToken.objects.filter(pk=row.pk).update(allowed_ips=[])
    assert refused(visitor.open(given), "domain_not_allowed")
    AccessToken.objects.filter(pk=row.pk).update(domains=[])
    assert refused(visitor.open(given), "surface_not_permitted")


def test_a_one_time_token_opens_its_surface_once_and_its_session_hangs_on_the_parent(visitor, admin):
    """Case 7.2: one-time replayed, after the parent's end; and used for another surface."""
    parent = issue_token(user=admin)
    once = issue_one_time(parent=parent.row, surface="agent")
    assert refused(visitor.open(once.text, "admin"), "surface_not_permitted")
    assert reason(visitor.open(once.text)) == "ok"
    assert HandoffSession.objects.get().token_id == parent.row.pk
    assert reason(Visitor().open(once.text)) == "token_used"
    late = issue_one_time(parent=parent.row, surface="agent")
    disable_token(row=parent.row, actor=admin)
    assert reason(Visitor().open(late.text)) == "token_disabled"


def test_a_session_has_a_new_key_whoever_chose_the_old_one(visitor, token):
    """Case 7.4: fixation."""
    first = visitor.open(token)
    key = first.cookies["__Host-desk_session"].value
    fixed = Visitor()
    fixed.client.cookies["__Host-desk_session"] = key
    second = fixed.open(token)
    assert second.cookies["__Host-desk_session"].value != key
    made_up = Visitor()
    made_up.client.cookies["__Host-desk_session"] = "a" * 32
    assert made_up.open(token).cookies["__Host-desk_session"].value != "a" * 32


def test_a_refusal_is_a_small_page_with_reason_request_and_origin(visitor, agent):
    given = factories.token(agent, entries=["example.com"])
    response = visitor.frame(given, referer="https://partner.example/<b>x")
    page = response.content.decode()
    assert response.status_code == 403 and response["X-Request-Id"] in page
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "no-referrer"
    response = visitor.frame(given)
    assert "https://partner.example" in response.content.decode()
    assert given not in response.content.decode()
    assert "<b>x" not in page


def test_logins_and_refusals_are_recorded_without_the_token(visitor, agent):
    given = factories.token(agent, entries=["partner.example"])
    visitor.open(given)
    for _ in range(3):
        visitor.open(given, referer="https://evil.example/")
    ok = Event.objects.get(type="token.handoff_ok")
    denied = Event.objects.get(type="token.handoff_denied")  # once a minute for each origin
    assert ok.data["surface"] == "agent" and ok.data["hint"] == given[-6:]
    assert denied.data["code"] == "domain_not_allowed" and denied.data["origin"] == "https://evil.example"
    assert given not in str([ok.data, denied.data])


def test_many_failures_are_throttled_and_a_valid_token_never(visitor, token):
    """Case 7.5: throttle; the limit of 30 a minute holds for failures alone."""
    answers = [visitor.open("nonsense") for _ in range(31)]
    assert answers[29].status_code == 401
    assert answers[30].status_code == 429 and reason(answers[30]) == "throttled"
    assert int(answers[30]["Retry-After"]) <= 60
    assert reason(visitor.open(token)) == "ok"
    throttle.forget_failures()


def test_a_login_writes_a_fixed_number_of_statements(visitor, token, django_assert_max_num_queries):
    with django_assert_max_num_queries(22):
        visitor.open(token)


def test_the_handoff_needs_no_csrf_token_of_django(token):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/agent/auth/login", {"accessToken": token})
    assert response.status_code == 302 and code_of(response)
    assert jwt.hash_of(token)
