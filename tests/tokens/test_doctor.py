"""The embed doctor finds what stands in the way, and says so as the desk would."""

import http.server
import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories
from tests.conftest import Api
from tokens import doctor, domains, services
from tokens.models import AccessToken

pytestmark = pytest.mark.django_db
DESK = "https://desk.example"
PAGE = "https://shop.example"


@pytest.fixture
def row(agent) -> AccessToken:
    return factories.token_row(factories.token(agent, entries=["shop.example"]))


def levels(row, origin=PAGE, path=doctor.LOGIN, desk=DESK) -> dict[str, str]:
    return {each.code: each.level for each in doctor.diagnose(row, origin, path, desk)}


def test_a_healthy_token_has_no_error_and_shows_its_policy(row):
    findings = doctor.diagnose(row, PAGE, doctor.LOGIN, DESK)
    assert doctor.works(findings)
    texts = {each.code: each.text for each in findings}
    assert texts["frame_ancestors"] == f"Content-Security-Policy: frame-ancestors 'self' {PAGE}"
    assert "__Host-desk_frame" in texts["cookie"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda row: services.disable_token(row=row), "token_disabled"),
        (lambda row: services.revoke_token(row=row), "token_revoked"),
        (lambda row: services.rotate_token(row=row, actor=None, grace=0), "token_rotated"),
        (lambda row: type(row.user).objects.update(is_active=False), "user_inactive"),
    ],
)
def test_the_state_is_the_one_that_a_request_would_meet(agent, change, code):
    text = factories.token(agent)
    change(factories.token_row(text))
    assert Api(text).get("tickets/list").json()["code"] == code
    assert levels(text)[code] == doctor.ERROR


def test_a_text_is_checked_from_its_first_character(agent):
    text = factories.token(agent)
    assert levels(text)["token_genuine"] == doctor.GOOD
    assert levels("nonsense") == {"token_malformed": doctor.ERROR}
    assert levels(text[:-3] + "AAA") == {"token_invalid": doctor.ERROR}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/admin/auth/login", "surface_not_permitted"),
        ("/api/settings/list", "scope"),
        ("/agent/", "scope"),
        ("/desktop", "scope"),
    ],
)
def test_the_scope_of_the_path_is_asked_for(row, path, code):
    assert code in levels(row, path=path)


def test_an_api_path_asks_for_the_scope_of_its_view(agent):
    row = factories.token_row(factories.token(agent, scope_names=["login:agent"]))
    assert levels(row, path="/api/tickets/list?limit=1")["insufficient_scope"] == doctor.ERROR


@pytest.mark.parametrize(
    ("origin", "desk", "code", "level"),
    [
        ("https://evil.example", DESK, "domain_not_allowed", "error"),
        ("http://shop.example", DESK, "domain_not_allowed", "error"),
        (DESK, DESK, "domain", "ok"),
        ("https://shop.example/path?x", DESK, "domain", "ok"),
        ("not an origin", DESK, "origin_malformed", "error"),
        (None, DESK, "origin_unknown", "info"),
        (PAGE, "http://desk.example", "mixed_content", "error"),
        (PAGE, "http://localhost:8000", "mixed_content", "warning"),
        ("http://shop.example", "http://desk.example", "plain_http", "warning"),
        ("http://shop.example", "http://desk.example", "proxy_headers", "warning"),
        (PAGE, "https://192.168.1.10", "local_network_access", "warning"),
        (PAGE, "https://desk.internal", "local_network_access", "warning"),
        (PAGE, "desk.example", "desk_origin", "error"),
    ],
)
def test_what_a_page_meets(row, origin, desk, code, level):
    assert levels(row, origin, desk=desk)[code] == level


def test_a_server_call_needs_the_permission_for_it(row):
    assert levels(row, None, "/api/tickets/list")["origin_missing"] == doctor.ERROR
    services.edit_token(row=row, actor=None, allow_no_origin=True)
    row.refresh_from_db()
    assert levels(row, None, "/api/tickets/list")["server_calls"] == doctor.GOOD


def test_entries_that_an_admin_should_think_about_are_named(agent):
    row = factories.token_row(factories.token(agent, entries=["*.github.io", "[2001:db8::1]"]))
    found = levels(row, "https://[2001:db8::1]")
    assert found["public_suffix_wildcard"] == doctor.WARNING and found["ipv6_no_frame"] == doctor.ERROR
    assert levels(factories.token_row(factories.token(agent)))["any_site"] == doctor.WARNING


def test_grace_and_a_near_end_are_warnings(row):
    now = timezone.now()
    AccessToken.objects.filter(pk=row.pk).update(expires_at=now + timedelta(days=2))
    row.refresh_from_db()
    assert levels(row)["token_expires_soon"] == doctor.WARNING
    services.rotate_token(row=row, actor=None)
    row.refresh_from_db()
    assert levels(row)["token_in_grace"] == doctor.WARNING


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example.com", "https://b.example.com", True),
        ("https://a.example.com", "http://a.example.com", False),
        ("https://a.github.io", "https://b.github.io", False),
        ("https://a.example.co.uk", "https://b.example.co.uk", True),
        ("https://a.co.uk", "https://b.co.uk", False),
        ("http://127.0.0.1:1", "http://127.0.0.1:2", True),
        ("http://127.0.0.1", "http://127.0.0.2", False),
        ("http://localhost:1", "http://localhost:2", True),
    ],
)
def test_sites_are_counted_as_browsers_do(one, other, same):
    assert (doctor.site(domains.parse_origin(one)) == doctor.site(domains.parse_origin(other))) is same


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([("Content-Security-Policy", "default-src 'self'")], "policy_alone"),
        (
            [("Content-Security-Policy", "a"), ("Content-Security-Policy", "frame-ancestors 'none'")],
            "second_policy",
        ),
        ([("Content-Security-Policy", "a, frame-ancestors 'none'")], "second_policy"),
        ([("Content-Security-Policy", "a"), ("X-Frame-Options", "DENY")], "x_frame_options"),
    ],
)
def test_what_a_proxy_adds_is_found_from_outside(headers, code):
    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(400)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.handle_request).start()
        found = doctor.probe(f"http://127.0.0.1:{server.server_port}")
    assert [each.code for each in found] == [code]


def test_a_desk_that_does_not_answer_is_a_finding():
    assert doctor.probe("http://127.0.0.1:1")[0].code == "desk_unreachable"
