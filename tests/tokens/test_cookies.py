"""The two jars: which one a login fills, its attributes, its deletion, and which session a request means."""

import pytest

from tests import factories
from tests.tokens.visitor import Visitor, handle_of, reason

TOP, FRAME, PLAIN = "__Host-desk_session", "__Host-desk_frame", "desk_session"


@pytest.fixture
def token(agent):
    return factories.token(agent)


def written(response, name: str) -> str:
    assert list(response.cookies) == [name]
    return response.cookies[name].OutputString()


@pytest.mark.parametrize(
    ("scheme", "dest", "site", "name", "attributes"),
    [
        ("https", "document", "cross-site", TOP, "HttpOnly; Path=/; SameSite=Lax; Secure"),
        ("https", "document", "none", TOP, "HttpOnly; Path=/; SameSite=Lax; Secure"),
        ("https", "iframe", "same-site", TOP, "HttpOnly; Path=/; SameSite=Lax; Secure"),
        ("https", "iframe", "same-origin", TOP, "HttpOnly; Path=/; SameSite=Lax; Secure"),
        ("https", None, "", TOP, "HttpOnly; Path=/; SameSite=Lax; Secure"),
        ("https", "iframe", "cross-site", FRAME, "HttpOnly; Partitioned; Path=/; SameSite=None; Secure"),
        ("https", "frame", "cross-site", FRAME, "HttpOnly; Partitioned; Path=/; SameSite=None; Secure"),
        ("http", None, "", PLAIN, "HttpOnly; Path=/; SameSite=Lax"),
        ("http", "iframe", "cross-site", PLAIN, "HttpOnly; Path=/; SameSite=Lax"),
    ],
)
def test_each_login_fills_its_jar_with_its_attributes(token, scheme, dest, site, name, attributes):
    """Case 7.4: attributes of each jar; no Max-Age, Expires or Domain in any."""
    response = Visitor(scheme).open(token, dest=dest, site=site)
    assert written(response, name).partition("; ")[2] == attributes


@pytest.mark.parametrize(("dest", "name"), [("document", TOP), ("iframe", FRAME)])
def test_a_jar_is_deleted_with_the_attributes_it_was_set_with(token, dest, name):
    """Case 7.4: deletion of each jar; nothing but `Partitioned` deletes a partitioned cookie."""
    visitor = Visitor()
    opened = visitor.open(token, dest=dest)
    answer = visitor.session(opened).json()
    named = {"X_Desk_Session": answer["handle"], "X_CSRFToken": answer["csrfToken"]}
    deleted = written(visitor.post("/auth/handoff/logout", **named), name)
    assert "Max-Age=0" in deleted and ("Partitioned" in deleted) == (name == FRAME)
    assert "Secure" in deleted and "Path=/" in deleted and "Domain" not in deleted


def test_with_both_jars_the_handle_says_which_session_is_meant(db):
    """Case 7.4: both jars are sent."""
    visitor = Visitor()
    one, other = factories.agent(), factories.agent()
    window, frame = visitor.open(factories.token(one)), visitor.frame(factories.token(other))
    assert visitor.session(window).json()["user"]["username"] == one.username
    assert visitor.session(frame).json()["user"]["username"] == other.username
    calls = [visitor.get("/api/user/profile", X_Desk_Session=handle_of(each)) for each in (window, frame)]
    assert [call.json()["username"] for call in calls] == [one.username, other.username]
    alone = visitor.get("/api/user/profile", X_Desk_Session="top")
    assert alone.json()["username"] == one.username


def test_a_call_by_cookie_needs_the_csrf_token_and_the_desks_own_page(token):
    """Case 7.5: cookie without CSRF, credentials cross-site."""
    visitor = Visitor()
    answer = visitor.session(visitor.open(token)).json()
    named = {"X_Desk_Session": answer["handle"]}
    ticket = {"title": "Hello"}
    assert reason(visitor.post("/api/tickets/create", ticket, **named)) == "csrf_failed"
    right = named | {"X_CSRFToken": answer["csrfToken"]}
    foreign = visitor.post("/api/tickets/create", ticket, **right, Origin="https://partner.example")
    assert reason(foreign) == "domain_not_allowed"
    assert visitor.post("/api/tickets/create", ticket, **right).status_code == 200


@pytest.mark.parametrize("key", ["", "x", "../../etc", "a" * 500, "\x00" * 20, "é" * 20])
def test_a_strange_cookie_is_nobody(key, db):
    visitor = Visitor()
    visitor.client.cookies[TOP] = key
    assert visitor.get("/api/tickets/list").status_code == 401
    assert visitor.get("/auth/handoff/session").status_code == 401
