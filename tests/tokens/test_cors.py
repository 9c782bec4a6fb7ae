"""CORS per token: who may read an answer across origins (tokens.md section 5)."""

import pytest
from django.test import Client

from tests import factories
from tests.tokens.visitor import Visitor

PARTNER = "https://partner.example"


def ask(origin: str, token: str = "", method: str = "get", path: str = "/api/tickets/list", **headers: str):
    given = {"Origin": origin} | {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        given["Authorization"] = f"Bearer {token}"
    return getattr(Client(raise_request_exception=False), method)(path, headers=given, secure=True)


def readable(response) -> bool:
    return response.get("Access-Control-Allow-Origin") == PARTNER


def test_a_preflight_passes_for_every_origin_without_the_database(django_assert_num_queries, db):
    """Case 7.5: preflight without side effects."""
    with django_assert_num_queries(0):
        response = ask(
            PARTNER,
            method="options",
            path="/api/tickets/create",
            Access_Control_Request_Method="POST",
            Access_Control_Request_Headers="authorization, content-type",
        )
    assert response.status_code == 200 and readable(response)
    assert "authorization" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_an_allowed_page_reads_answers_and_their_headers(agent):
    response = ask(PARTNER, factories.token(agent, entries=["partner.example"]))
    assert response.status_code == 200 and readable(response)
    exposed = response["Access-Control-Expose-Headers"]
    for name in ("WWW-Authenticate", "Retry-After", "X-Request-Id", "X-Access-Token-Status", "Link", "ETag"):
        assert name in exposed
    assert "Origin" in response["Vary"].title()


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_every_page_may_read_a_401(token, db):
    """Case 7.5: 401/403 never swapped; the page's axios interceptor must see it."""
    response = ask(PARTNER, token)
    assert response.status_code == 401 and readable(response) and "Bearer" in response["WWW-Authenticate"]


def test_every_page_may_read_why_its_domain_was_refused(agent):
    response = ask(PARTNER, factories.token(agent, entries=["example.com"]))
    assert response.status_code == 403 and readable(response)
    assert response.json()["code"] == "domain_not_allowed"


def test_a_missing_scope_is_readable(agent):
    token = factories.token(agent, scope_names=["tickets:read"], entries=["partner.example"])
    response = ask(PARTNER, token, "post", "/api/tickets/create")
    assert response.status_code == 403 and readable(response)


def test_a_cookie_is_never_a_credential_for_another_origin(agent):
    """Case 7.5: credentials cross-site."""
    visitor = Visitor()
    visitor.open(factories.token(agent))
    response = visitor.get("/api/tickets/list", Origin=PARTNER)
    assert response.status_code == 403
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize(
    "path", ["/agent/", "/auth/handoff/session", "/auth/handoff/claim", "/agent/auth/login"]
)
def test_nothing_but_the_api_speaks_cors(path, db):
    for method in ("get", "options"):
        response = ask(PARTNER, "", method, path, Access_Control_Request_Method="POST")
        assert "Access-Control-Allow-Origin" not in response
