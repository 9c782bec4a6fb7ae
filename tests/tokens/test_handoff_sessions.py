"""A session ends with its token, its user, its time or its idling; and who is signed in when several are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from events.models import Event
from tests import factories
from tests.tokens.visitor import PARTNER, Visitor, code_of, handle_of, reason
from tokens.models import AccessToken, HandoffSession


@pytest.fixture
def token(agent):
    return factories.token(agent)


def page(visitor: Visitor, opened) -> str:
    """Return `ok` or the reason code of the landing page, as a reload shows it."""
    response = visitor.get(opened["Location"].partition("#")[0], Sec_Fetch_Dest="document")
    return "ok" if response.status_code == 200 else reason(response)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE tokens_accesstoken SET state = 'disabled'", "token_disabled"),
        ("UPDATE tokens_accesstoken SET state = 'revoked'", "token_revoked"),
        ("UPDATE tokens_accesstoken SET state = 'rotated', grace_until = now()", "token_rotated"),
        (
            "UPDATE tokens_accesstoken SET expires_at = now(), created_at = now() - '1 d'::interval",
            "token_expired",
        ),
        ("UPDATE tokens_accesstoken SET allowed_ips = '{192.0.2.1}'", "ip_not_allowed"),
        ("UPDATE tokens_accesstoken SET scopes = '{tickets:read}'", "surface_not_permitted"),
        ("UPDATE accounts_user SET is_active = false", "user_inactive"),
        ("UPDATE tokens_handoffsession SET ended_at = now()", "session_ended"),
        ("UPDATE tokens_handoffsession SET expires_at = now()", "session_ended"),
        ("UPDATE tokens_handoffsession SET seen_at = now() - '9 h'::interval", "session_ended"),
        ("DELETE FROM tokens_handoffsession", "session_ended"),
    ],
)
def test_a_change_by_raw_sql_ends_the_session_at_its_next_request(token, sql, code):
    """Case 7.2: change by raw SQL, role or scope lost during a session."""
    visitor = Visitor()
    opened = visitor.open(token)
    assert page(visitor, opened) == "ok"
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert page(visitor, opened) == code


def test_a_dead_session_is_closed_once_and_recorded(token):
    visitor = Visitor()
    opened = visitor.open(token)
    AccessToken.objects.update(state="disabled")
    gone = visitor.get(opened["Location"].partition("#")[0])
    assert gone.cookies["__Host-desk_session"]["max-age"] == 0
    page(visitor, opened)
    event = Event.objects.get(type="token.session_ended")
    assert event.data["code"] == "token_disabled"


def test_the_session_is_no_longer_than_its_token_and_twelve_hours(agent):
    Visitor().open(factories.token(agent, expires_in=600))
    Visitor().open(factories.token(agent))
    short, long = HandoffSession.objects.order_by("created_at")
    assert short.expires_at == short.token.expires_at
    assert long.expires_at - long.created_at == timedelta(hours=12)


def test_a_session_stays_on_the_surface_it_was_opened_for(admin):
    visitor = Visitor()
    opened = visitor.open(factories.token(admin))
    assert page(visitor, opened) == "ok"
    assert reason(visitor.get("/admin/")) == "surface_not_permitted"


def test_an_admin_that_is_demoted_loses_the_admin_at_once(admin):
    """Case 7.2: role lost during a session."""
    visitor = Visitor()
    opened = visitor.open(factories.token(admin), "admin")
    visitor.get(opened["Location"].partition("#")[0])
    assert visitor.get("/admin/").status_code == 200
    User.objects.filter(pk=admin.pk).update(role="agent")
    assert reason(visitor.get("/admin/")) == "surface_not_permitted"


def test_a_renamed_user_stays_signed_in_by_identity(token, agent):
    """Case 7.2: user renamed; identity is the row, never `sub`."""
    visitor = Visitor()
    opened = visitor.open(token)
    User.objects.filter(pk=agent.pk).update(username="somebody-new")
    assert visitor.session(opened).json()["user"]["username"] == "somebody-new"


def test_two_tabs_of_one_browser_keep_their_sessions(token):
    visitor = Visitor()
    first, second = visitor.open(token), visitor.open(token)
    assert page(visitor, first) == page(visitor, second) == "ok"
    assert not HandoffSession.objects.filter(ended_at__isnull=False).exists()


def test_a_foreign_link_asks_before_it_replaces_who_is_signed_in(token):
    """Case 7.4: login CSRF over a live session."""
    visitor = Visitor()
    mine = visitor.open(token)
    attack = visitor.open(factories.token(), referer="https://evil.example/")
    assert attack["Location"].startswith("/auth/handoff/switch?h=") and not attack.cookies
    asked = visitor.get(attack["Location"].partition("#")[0])
    assert "Stay signed in" in asked.content.decode()
    assert asked["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in asked["Content-Security-Policy"]
    assert page(visitor, mine) == "ok"


def test_the_answer_switches_and_ends_the_session_before(token, agent):
    visitor = Visitor()
    mine = visitor.open(token)
    other = factories.agent()
    asked = visitor.open(factories.token(other))
    form = {"handle": handle_of(asked), "code": code_of(asked), "answer": "switch"}
    landed = visitor.client.post("/auth/handoff/open", form, headers={"Origin": visitor.own}, secure=True)
    assert visitor.session(landed).json()["user"]["username"] == other.username
    assert visitor.session(mine).status_code == 401
    assert Event.objects.get(type="token.user_switch").data["before"] == str(agent.pk)
    live = HandoffSession.objects.filter(ended_at=None)
    assert [each.handle for each in live] == [handle_of(landed)]


def test_a_link_on_the_same_site_or_in_a_frame_jar_switches_without_asking(token):
    visitor = Visitor()
    mine = visitor.open(token)
    assert reason(visitor.frame(factories.token())) == "ok"  # another jar: nobody is replaced
    assert visitor.session(mine).status_code == 200
    assert reason(visitor.open(factories.token(), site="same-site")) == "ok"
    assert visitor.session(mine).status_code == 401


def test_on_plain_http_every_foreign_link_asks(token):
    visitor = Visitor("http")
    visitor.open(token, dest=None, referer="http://partner.example/")
    for referer in ("http://evil.example/", None):
        asked = visitor.open(factories.token(), dest=None, referer=referer)
        assert asked["Location"].startswith("/auth/handoff/switch")
    home = visitor.open(factories.token(), dest=None, referer="http://testserver/agent/")
    assert home["Location"].startswith("/agent/")


def test_a_link_for_who_signed_in_with_a_password_takes_nothing_away(admin):
    visitor = Visitor()
    visitor.client.force_login(admin, backend="accounts.backends.UsernameOrEmailBackend")
    visitor.client.cookies["__Host-desk_session"] = visitor.client.cookies["desk_session"].value
    opened = visitor.open(factories.token(admin, scope_names=["login:agent"]))
    assert visitor.session(opened).json()["token"]["scopes"] == ["login:agent"]
    assert visitor.get("/admin/", Sec_Fetch_Dest="document").status_code == 200
    AccessToken.objects.update(state="disabled")
    assert visitor.get("/admin/", Sec_Fetch_Dest="document").status_code == 200


def test_an_old_bookmark_leads_to_who_is_signed_in_now(token):
    visitor = Visitor()
    visitor.open(token)
    stale = visitor.get("/agent/?h=" + "A" * 22, Sec_Fetch_Dest="document")
    assert stale["Location"] == "/agent/"
    framed = visitor.get("/agent/?h=" + "A" * 22, Sec_Fetch_Dest="iframe", Sec_Fetch_Site="cross-site")
    assert framed.status_code == 401 and reason(framed) == "session_ended"


def test_a_page_costs_two_statements_for_its_session(token, django_assert_max_num_queries):
    visitor = Visitor()
    opened = visitor.open(token)
    visitor.get(opened["Location"].partition("#")[0])
    with django_assert_max_num_queries(2):
        assert page(visitor, opened) == "ok"


def test_the_page_of_an_ended_session_tells_its_parent(token):
    visitor = Visitor()
    opened = visitor.frame(token)
    AccessToken.objects.update(state="revoked")
    gone = visitor.get(opened["Location"].partition("#")[0], Sec_Fetch_Dest="iframe").content.decode()
    assert 'data-event="session_ended"' in gone and f'data-parent="{PARTNER}"' in gone


def test_idle_time_counts_from_the_last_sign_of_life(token):
    visitor = Visitor()
    opened = visitor.open(token)
    HandoffSession.objects.update(seen_at=timezone.now() - timedelta(hours=7))
    assert page(visitor, opened) == "ok"


def test_signing_out_of_the_admin_ends_the_token_session_too(admin):
    visitor = Visitor()
    opened = visitor.open(factories.token(admin), "admin")
    visitor.get(opened["Location"].partition("#")[0])
    token = visitor.session(opened).json()["csrfToken"]
    out = visitor.post("/admin/logout/", X_CSRFToken=token)
    assert out.status_code in (200, 302) and out.cookies["__Host-desk_session"]["max-age"] == 0
    assert HandoffSession.objects.get().ended_at
