"""What every page says about itself: one CSP, who may frame it, and the other headers of tokens.md section
4.
"""

import re

import pytest

from settings_app.models import StoredGroup
from settings_app.queries import forget_kept
from tests import factories
from tests.tokens.visitor import Visitor, handle_of
from tokens.models import AccessToken, HandoffSession


def landing(visitor: Visitor, token: str, surface: str = "agent", **options):
    opened = visitor.open(token, surface, **options)
    return visitor.get(opened["Location"].partition("#")[0])


def ancestors(response) -> str:
    policies = response["Content-Security-Policy"]
    assert "," not in policies and policies.count("frame-ancestors") == 1
    return re.search(r"frame-ancestors ([^;]*)", policies)[1]


@pytest.mark.parametrize(
    ("scheme", "entries", "sent", "expected"),
    [
        ("https", ["partner.example"], {"dest": "iframe"}, "'self' https://partner.example"),
        ("https", ["partner.example"], {}, "'self' https://partner.example"),
        ("https", [], {"dest": "iframe"}, "*"),
        ("https", [], {"dest": "iframe", "site": "same-site"}, "'self' https://partner.example"),
        ("https", [], {"dest": "iframe", "site": "same-site", "referer": None}, "'self'"),
        ("https", [], {"dest": "document"}, "'self'"),
        ("http", [], {"dest": None}, "*"),
        (
            "http",
            ["partner.example", "*.b.example:8080"],
            {"dest": None, "referer": "http://partner.example/"},
            "'self' https://partner.example http://partner.example "
            "https://*.b.example:8080 http://*.b.example:8080",
        ),
    ],
)
def test_the_token_decides_who_may_frame_its_pages(agent, scheme, entries, sent, expected):
    token = factories.token(agent, entries=entries)
    assert ancestors(landing(Visitor(scheme), token, **sent)) == expected


@pytest.mark.parametrize(
    ("referer", "expected"),
    [("http://partner.example/", "'self' http://partner.example"), (None, "'self'")],
)
def test_an_admin_that_may_be_in_its_own_window_is_framed_by_its_opener_alone(admin, referer, expected):
    """Over plain http nothing says whether the page is framed, and its cookie is every window's."""
    page = landing(Visitor("http"), factories.token(admin), "admin", dest=None, referer=referer)
    assert ancestors(page) == expected


def test_the_policy_is_known_by_the_handle_before_any_cookie(agent):
    opened = Visitor().frame(factories.token(agent, entries=["partner.example"]))
    page = Visitor().get(f"/agent/?h={handle_of(opened)}")
    assert page.status_code == 200 and ancestors(page) == "'self' https://partner.example"


def test_a_changed_list_changes_the_policy_of_a_running_session(agent):
    """Case 7.3: list edited while a frame is open."""
    visitor = Visitor()
    opened = visitor.frame(factories.token(agent, entries=["partner.example"]))
    AccessToken.objects.update(domains=["other.example"])
    page = visitor.get(opened["Location"].partition("#")[0])
    assert ancestors(page) == "'self' https://other.example"


def test_stored_text_cannot_write_into_the_policy(agent):
    """Case 7.3: entry injection into CSP, also by raw SQL."""
    visitor = Visitor()
    opened = visitor.frame(factories.token(agent, entries=["partner.example"]))
    AccessToken.objects.update(domains=["a.example; script-src *", "b.example\r\nX: y", "ok.example"])
    HandoffSession.objects.update(embedder="https://c.example; script-src *")
    page = visitor.get(opened["Location"].partition("#")[0])
    assert ancestors(page) == "'self' https://ok.example"
    assert "a.example" not in str(page.headers) and "script-src *" not in str(page.headers)


def test_a_list_that_no_frame_can_match_opens_to_nobody(agent):
    token = factories.token(agent, entries=["[2001:db8::1]"])
    page = landing(Visitor(), token, referer="https://[2001:db8::1]/")
    assert ancestors(page) == "'self'"


def test_pages_are_strict_and_only_the_admin_is_allowed_what_its_scripts_need(admin):
    agent_page = landing(Visitor(), factories.token(admin))["Content-Security-Policy"]
    for part in (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "'nonce-",
    ):
        assert part in agent_page
    assert "unsafe" not in agent_page
    visitor = Visitor()
    landing(visitor, factories.token(admin), "admin")
    page = visitor.get("/admin/")
    assert page.status_code == 200 and "'unsafe-eval'" in page["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in page["Content-Security-Policy"]


def test_every_page_has_the_other_headers_too(agent):
    page = landing(Visitor(), factories.token(agent))
    assert page["Referrer-Policy"] == "same-origin"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in page["Cache-Control"]
    assert page["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=31536000" in page["Strict-Transport-Security"]
    assert "X-Frame-Options" not in page and "Cross-Origin-Embedder-Policy" not in page
    assert "Strict-Transport-Security" not in landing(Visitor("http"), factories.token(agent), dest=None)


def test_what_is_no_page_may_not_be_framed(agent):
    visitor = Visitor()
    visitor.open(factories.token(agent))
    for path in ("/auth/handoff/session", "/api/user/profile", "/api/nothing"):
        assert visitor.get(path)["X-Frame-Options"] == "DENY"


def test_isolation_is_sent_when_the_setting_asks_for_it(agent):
    StoredGroup.objects.update_or_create(pk="embedding", defaults={"values": {"crossOriginIsolation": True}})
    forget_kept()
    page = landing(Visitor(), factories.token(agent), dest="iframe")
    assert page["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize(
    "path", ["/nothing", "/admin/nothing/", "/agent/auth/login", "/agent/?h=" + "A" * 22]
)
def test_error_pages_have_one_policy_and_nothing_to_click(path, db):
    page = Visitor().get(path)
    if page.status_code < 400:  # the admin's catch-all asks strangers to sign in
        return
    assert ancestors(page) == "*" and "default-src 'none'" in page["Content-Security-Policy"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert "<form" not in page.content.decode() and "<a " not in page.content.decode()


def test_each_page_has_a_nonce_of_its_own(agent):
    visitor = Visitor()
    token = factories.token(agent)
    pages = [landing(visitor, token)["Content-Security-Policy"] for _ in range(2)]
    nonces = [re.search(r"nonce-([\w-]+)", page)[1] for page in pages]
    assert len(set(nonces)) == 2 and all(len(nonce) >= 16 for nonce in nonces)
