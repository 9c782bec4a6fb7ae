"""A session that goes on with a fresh token: the parent page fetched one before the old one ended."""

import asyncio
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from events.models import Event
from tests import factories
from tests.streams import StreamReader
from tests.tokens.visitor import PARTNER, Visitor, handle_of
from tokens.handoff import services
from tokens.jwt import hash_of
from tokens.models import AccessToken, HandoffSession
from tokens.rows import by_hash
from tokens.services import issue_one_time


@pytest.fixture
def token(agent):
    return factories.token(agent, entries=["partner.example"], expires_in=600)


class Page:
    """A workstation in a frame of the partner's page, by its tab bearer."""

    def __init__(self, token: str) -> None:
        self.visitor = Visitor()
        opened = self.visitor.frame(token)
        self.handle = handle_of(opened)
        self.bearer = self.visitor.claim(opened).json()["bearer"]

    def renew(self, token, **headers: str):
        headers = {"Authorization": f"Bearer {self.bearer}"} | headers
        return Visitor().post("/auth/handoff/renew", {"accessToken": token}, **headers)

    def works(self) -> bool:
        answer = Visitor().get("/auth/handoff/session", Authorization=f"Bearer {self.bearer}")
        return answer.status_code == 200

    @property
    def session(self) -> HandoffSession:
        return HandoffSession.objects.get(handle=self.handle)


def fresh_for(agent, **options) -> str:
    return factories.token(agent, **{"entries": ["partner.example"]} | options)


def test_a_session_goes_on_with_a_fresh_token_after_the_old_one_ended(token, agent):
    page = Page(token)
    fresh = fresh_for(agent)
    answer = page.renew(fresh)
    assert answer.status_code == 200
    assert answer.json()["expiresAt"] > (timezone.now() + timedelta(seconds=700)).isoformat()
    AccessToken.objects.filter(pk=factories.token_row(token).pk).update(state="revoked")
    assert page.works()
    assert Event.objects.get(type="token.session_renewed").token_id == factories.token_row(fresh).pk


def test_a_renewed_session_ends_with_its_new_token(token, agent):
    page = Page(token)
    fresh = fresh_for(agent)
    page.renew(fresh)
    AccessToken.objects.filter(pk=factories.token_row(fresh).pk).update(state="disabled")
    assert not page.works()


def test_a_one_time_token_renews_one_session_once_and_it_hangs_on_the_parent(token, agent):
    page, parent = Page(token), factories.token_row(fresh_for(agent))
    once = issue_one_time(parent=parent, surface="agent", ttl=60, issuer="https://testserver").text
    assert page.renew(once).status_code == 200
    assert page.session.token == parent
    assert page.renew(once).json()["code"] == "token_used"
    assert page.works()


def test_renewing_by_cookie_needs_the_pages_csrf_token(agent):
    visitor = Visitor()
    opened = visitor.open(factories.token(agent))
    described = visitor.session(opened).json()
    fresh, handle = factories.token(agent), {"X_Desk_Session": handle_of(opened)}
    refused = visitor.post("/auth/handoff/renew", {"accessToken": fresh}, **handle)
    assert refused.json()["code"] == "csrf_failed"
    renewed = visitor.post(
        "/auth/handoff/renew", {"accessToken": fresh}, **handle, X_CSRFToken=described["csrfToken"]
    )
    assert renewed.status_code == 200


@pytest.mark.parametrize(
    ("fresh", "code"),
    [
        (lambda agent: "no.token.atall", "token_malformed"),
        (lambda agent: fresh_for(factories.agent()), "surface_not_permitted"),
        (lambda agent: fresh_for(agent, scope_names=["tickets:read"]), "surface_not_permitted"),
        (lambda agent: fresh_for(agent, entries=["other.example"]), "domain_not_allowed"),
        (lambda agent: fresh_for(agent, allowed_ips=["192.0.2.1"]), "ip_not_allowed"),
    ],
    ids=["forged", "another user's", "no login", "other pages", "other addresses"],
)
def test_a_token_that_could_not_open_this_page_does_not_renew_it_either(token, agent, fresh, code):
    page = Page(token)
    before = page.session.expires_at
    assert page.renew(fresh(agent)).json()["code"] == code
    assert page.session.expires_at == before
    assert page.works()


@pytest.mark.parametrize("body", [[], "text", {"accessToken": 1}, {"accessToken": "x" * 5000}, {}])
def test_a_malformed_renewal_is_refused(token, body):
    page = Page(token)
    answer = Visitor().post("/auth/handoff/renew", body, Authorization=f"Bearer {page.bearer}")
    assert answer.json()["code"] == "invalid_json"
    assert page.works()


def test_a_session_that_is_over_cannot_be_renewed(token, agent):
    page = Page(token)
    HandoffSession.objects.update(ended_at=timezone.now())
    assert page.renew(fresh_for(agent)).json()["code"] == "session_ended"


def test_a_foreign_page_cannot_renew(token, agent):
    assert Page(token).renew(fresh_for(agent), Origin=PARTNER).json()["code"] == "domain_not_allowed"


def test_an_open_stream_outlives_the_token_that_opened_it(desk, agent):
    old, fresh = factories.token(agent, expires_in=61), factories.token(agent)
    row = factories.token_row(old)
    session = HandoffSession.objects.create(
        token=row,
        user=agent,
        surface="agent",
        kind="frame",
        handle="h" * 16,
        bearer_hash=services.hash_of("dts_" + "b" * 40),
        expires_at=row.expires_at,
    )

    async def run() -> StreamReader:
        stream = await StreamReader(desk.url, "dts_" + "b" * 40).open()
        reading = asyncio.create_task(stream.read(seconds=4))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(swap)
        await reading
        stream.close()
        return stream

    def swap() -> None:
        services.renew_handoff(session_id=session.pk, row=by_hash(hash_of(fresh)))
        AccessToken.objects.filter(pk=row.pk).update(state="revoked")
        connections.close_all()

    assert asyncio.run(run()).ended == ""
