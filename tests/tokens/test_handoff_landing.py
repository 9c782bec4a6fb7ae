"""The landing page's protocol: the cookie's session, the one-time code, the tab bearer (tokens.md section
4).
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from events.models import Event
from tests import factories
from tests.tokens.visitor import PARTNER, Visitor, code_of, handle_of, reason
from tokens.models import AccessToken, HandoffSession
from tokens.services import disable_token


@pytest.fixture
def token(agent):
    return factories.token(agent, entries=["partner.example"])


def blocked(response) -> Visitor:
    """Return the same browser as it is when it keeps no cookie."""
    return Visitor()


def bearer(claimed, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {claimed.json()['bearer']}"} | headers


def test_the_cookies_session_says_everything_a_page_needs(token, agent):
    visitor = Visitor()
    answer = visitor.session(visitor.frame(token)).json()
    assert answer["user"]["id"] == answer["user"]["uid"] == str(agent.pk)
    assert answer["embedder"] == PARTNER and answer["parentOrigins"] == [PARTNER]
    assert answer["csrfToken"] and answer["expiresAt"] and "bearer" not in answer


def test_a_working_cookie_makes_the_code_void(token):
    visitor = Visitor()
    opened = visitor.frame(token)
    assert visitor.session(opened).status_code == 200
    assert reason(visitor.claim(opened)) == "session_ended"


def test_without_a_cookie_the_code_gives_a_bearer_that_calls_the_api(token, agent):
    opened = Visitor().frame(token)
    tab = blocked(opened)
    assert reason(tab.session(opened)) == "session_ended"
    claimed = tab.claim(opened)
    assert claimed.json()["bearer"].startswith("dts_") and claimed["Cache-Control"] == "no-store"
    assert claimed.json()["user"]["username"] == agent.username
    profile = tab.get("/api/tickets/list", **bearer(claimed))
    assert profile.status_code == 200
    assert tab.get("/auth/handoff/session", **bearer(claimed)).json()["handle"] == handle_of(opened)
    stored = HandoffSession.objects.get()
    assert bytes(stored.bearer_hash) and claimed.json()["bearer"] not in str(stored.__dict__)


def test_a_code_is_claimed_once(token):
    """Case 7.4: claim replay."""
    opened = Visitor().frame(token)
    assert blocked(opened).claim(opened).status_code == 200
    replay = blocked(opened).claim(opened)
    assert replay.status_code == 401 and reason(replay) == "session_ended"
    assert Event.objects.filter(type="token.claim_ok").count() == 1
    assert Event.objects.filter(type="token.claim_failed").count() == 1


def test_a_late_code_is_void(token):
    """Case 7.4: claim late (60 seconds)."""
    opened = Visitor().frame(token)
    session = HandoffSession.objects.get()
    assert session.code_expires_at - session.created_at <= timedelta(seconds=60)
    HandoffSession.objects.update(code_expires_at=timezone.now())
    assert reason(blocked(opened).claim(opened)) == "session_ended"


@pytest.mark.parametrize("origin", [PARTNER, "null", "http://testserver", "https://testserver:8443"])
def test_a_claim_comes_from_the_desks_own_page(token, origin):
    """Case 7.4: claim cross-origin; the code is still good afterwards."""
    opened = Visitor().frame(token)
    assert reason(blocked(opened).claim(opened, Origin=origin)) == "domain_not_allowed"
    assert blocked(opened).claim(opened).status_code == 200


def test_a_code_fits_its_own_handle_only(token):
    one, other = Visitor().frame(token), Visitor().frame(token)
    mixed = {"handle": handle_of(one), "code": code_of(other)}
    assert reason(Visitor().post("/auth/handoff/claim", mixed)) == "session_ended"


@pytest.mark.parametrize(
    "body", ["", "[", "[" * 5000, "[]", '{"handle": 1, "code": 2}', '{"handle": "x"}', b"\xff"]
)
def test_a_claim_of_nonsense_is_a_400(body, db):
    assert Visitor().post("/auth/handoff/claim", body).status_code == 400


def test_a_claim_after_the_tokens_end_gives_nothing(token, admin):
    opened = Visitor().frame(token)
    disable_token(row=AccessToken.objects.get(), actor=admin)
    assert reason(blocked(opened).claim(opened)) in ("token_disabled", "session_ended")
    assert Visitor().session(opened).status_code == 401


def test_a_tab_bearer_works_at_home_only_and_dies_with_its_token(token, admin):
    """Case 7.4: tab bearer elsewhere; 7.2: disabled, enabled again."""
    opened = Visitor().frame(token)
    claimed = blocked(opened).claim(opened)
    tab = Visitor()
    away = tab.get("/api/tickets/list", **bearer(claimed, Origin=PARTNER, Sec_Fetch_Site="cross-site"))
    assert away.status_code == 403 and reason(away) == "domain_not_allowed"
    AccessToken.objects.update(state="disabled")
    assert reason(tab.get("/api/tickets/list", **bearer(claimed))) == "token_disabled"
    AccessToken.objects.update(state="active")
    assert tab.get("/api/tickets/list", **bearer(claimed)).status_code == 200


def test_a_public_handle_lets_nobody_act(token):
    opened = Visitor().frame(token)
    stranger = Visitor()
    assert stranger.session(opened).status_code == 401
    assert stranger.get("/api/tickets/list", X_Desk_Session=handle_of(opened)).status_code == 401
    assert stranger.get(f"/auth/handoff/session?h={handle_of(opened)}").status_code == 401
    assert reason(stranger.post("/auth/handoff/code", X_Desk_Session=handle_of(opened))) == "session_ended"


def test_a_cookie_does_not_act_under_the_handle_of_another_session(token):
    """A page framed under one token's policy must not use the session of another."""
    victim = Visitor()
    own = victim.open(factories.token())
    foreign = Visitor().open(token)
    assert victim.session(own).status_code == 200
    assert reason(victim.session(foreign)) == "session_ended"


def test_signing_out_ends_cookie_bearer_and_record(token):
    visitor = Visitor()
    opened = visitor.open(token)
    answer = visitor.session(opened).json()
    refused = visitor.post("/auth/handoff/logout", X_Desk_Session=answer["handle"])
    assert reason(refused) == "csrf_failed"
    out = visitor.post(
        "/auth/handoff/logout", X_Desk_Session=answer["handle"], X_CSRFToken=answer["csrfToken"]
    )
    assert out.status_code == 200 and out.cookies["__Host-desk_session"]["max-age"] == 0
    assert HandoffSession.objects.get().ended_at and visitor.session(opened).status_code == 401
    framed = Visitor().frame(token)
    claimed = blocked(framed).claim(framed)
    assert Visitor().post("/auth/handoff/logout", **bearer(claimed)).status_code == 200
    assert reason(Visitor().get("/api/tickets/list", **bearer(claimed))) == "session_ended"


def test_a_frame_without_cookies_opens_a_tab_with_a_fresh_code(admin):
    given = factories.token(admin, entries=["partner.example"])
    opened = Visitor().frame(given, "admin")
    tab = Visitor()
    page = tab.get(f"/admin/?h={handle_of(opened)}")
    assert page.status_code == 200 and "Open in a new tab" in page.content.decode()
    assert "https://partner.example" in page["Content-Security-Policy"]
    claimed = tab.claim(opened)
    fresh = tab.post("/auth/handoff/code", **bearer(claimed)).json()
    form = {"handle": fresh["handle"], "code": fresh["code"]}
    landed = tab.client.post("/auth/handoff/open", form, headers={"Origin": tab.own}, secure=True)
    assert landed["Location"].startswith("/admin/?h=") and "__Host-desk_session" in landed.cookies
    assert tab.get(f"/admin/?h={handle_of(landed)}")["Location"] == "/admin/#"
    assert tab.get("/admin/").status_code == 200
    again = tab.client.post("/auth/handoff/open", form, headers={"Origin": tab.own}, secure=True)
    assert reason(again) == "session_ended"


def test_a_session_opened_from_another_ends_with_it(token):
    tab = Visitor()
    claimed = tab.claim(tab.frame(token))
    first = HandoffSession.objects.get()
    first.expires_at = timezone.now() + timedelta(minutes=5)
    first.save()
    fresh = tab.post("/auth/handoff/code", **bearer(claimed)).json()
    tab.client.post("/auth/handoff/open", fresh, headers={"Origin": tab.own}, secure=True)
    assert HandoffSession.objects.latest("created_at").expires_at == first.expires_at


@pytest.mark.parametrize("origin", [PARTNER, "null", None])
def test_a_foreign_form_opens_nothing(token, origin):
    opened = Visitor().frame(token)
    form = {"handle": handle_of(opened), "code": code_of(opened)}
    headers = {"Origin": origin} if origin else {}
    assert Visitor().client.post("/auth/handoff/open", form, headers=headers, secure=True).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_one_of_many_claims_at_once_wins():
    """Case 7.4: claim race, 1 winner of 24; case 7.2: a one-time token in parallel."""
    opened = Visitor().frame(factories.token())

    def one(_: int) -> int:
        try:
            return Visitor().claim(opened).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(24)))[:2] == [200, 401]


@pytest.mark.django_db(transaction=True)
def test_one_of_many_logins_with_a_one_time_token_wins():
    """Case 7.2: one-time in parallel."""
    from tokens.services import issue_one_time, issue_token

    parent = issue_token(user=factories.agent())
    once = issue_one_time(parent=parent.row, surface="agent").text

    def one(_: int) -> str:
        try:
            return reason(Visitor().open(once))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(one, range(16))).count("ok") == 1
    assert HandoffSession.objects.count() == 1
