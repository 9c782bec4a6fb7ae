"""The admin pages of tokens: the secret is shown once, every change is an event, and nobody else gets in."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event
from tests import factories
from tests.admin_pages import AdminPages
from tests.tokens.test_canary import everything_kept
from tokens.models import AccessToken, DailyUse, HandoffSession

LIST, ADD = "tokens/accesstoken/", "tokens/accesstoken/add/"
SECRET = re.compile(r'<code id="secret"[^>]*>([^<]+)</code>')
DOMAIN = "https://portal.example.com"


@pytest.fixture
def pages(db):
    return AdminPages()


@pytest.fixture
def row(agent):
    return factories.token_row(factories.token(agent, name="Partner portal", entries=["portal.example.com"]))


def page_of(row: AccessToken, what: str = "change") -> str:
    return f"{LIST}{row.pk}/{what}/"


def issue(pages: AdminPages, **fields):
    given = {
        "user": factories.agent().pk,
        "name": "Partner portal",
        "scopes": ["login:agent", "tickets:read"],
        "domains": "portal.example.com\n*.shop.example.com",
        "lifetime": 86_400,
        "form_id": pages.form_id(ADD),
    }
    return pages.post(ADD, {name: value for name, value in (given | fields).items() if value is not None})


def last_event(row: AccessToken) -> Event:
    return Event.objects.filter(token_id=row.pk).order_by("-id")[0]


def test_an_issued_token_is_shown_once_with_snippets_and_works(pages):
    response = issue(pages)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    secret = SECRET.search(response.content.decode())[1]
    row = factories.token_row(secret)
    assert (row.name, row.domains) == ("Partner portal", ["portal.example.com", "*.shop.example.com"])
    assert row.created_by == pages.user
    page = response.content.decode()
    for word in (
        "/agent/auth/login?accessToken=",
        "&lt;iframe",
        "window.open",
        "&lt;form",
        "curl",
        "import requests",
    ):
        assert word in page
    assert "/admin/auth/login?" not in page  # its scopes do not open the admin


def test_the_secret_is_in_no_row_session_message_log_entry_or_later_page(pages):
    response = issue(pages)
    secret = SECRET.search(response.content.decode())[1]
    assert not list(get_messages(response.wsgi_request))
    signature = secret.rsplit(".", 1)[1]
    assert signature not in everything_kept()
    assert signature not in repr(dict(pages.client.session))
    assert not LogEntry.objects.exists()
    row = factories.token_row(secret)
    for path in (LIST, page_of(row), page_of(row, "edit"), ""):
        assert signature not in pages.get(path).content.decode()


def test_sending_the_issue_form_again_issues_nothing(pages):
    form_id = pages.form_id(ADD)
    issue(pages, form_id=form_id)
    again = issue(pages, form_id=form_id)
    assert again.status_code == 302
    assert AccessToken.objects.count() == 1


def test_a_refused_domain_is_named_at_its_field_and_the_rest_stays_filled_in(pages):
    response = issue(pages, domains="https://x.example.com/path")
    page = response.content.decode()
    assert "without a path" in page
    assert "https://x.example.com/path</textarea>" in page
    assert 'value="Partner portal"' in page
    assert not AccessToken.objects.exists()


def test_the_issue_form_needs_a_scope_and_an_active_user(pages):
    inactive = factories.agent(is_active=False)
    page = issue(pages, scopes=None, user=inactive.pk).content.decode()
    assert "Choose at least one scope." in page
    assert "Choose an active user." in page


def test_the_domain_editor_hears_what_each_entry_matches(pages):
    answer = pages.get(LIST + "explain/", {"entry": ["*.Example.com", "*.co.uk", "a b", "[::1]"]}).json()
    wild, suffix, wrong, address = answer["entries"]
    assert wild["stored"] == "*.example.com"
    assert "but not example.com itself" in wild["text"]
    assert [warning["code"] for warning in suffix["warnings"]] == ["public_suffix_wildcard"]
    assert (wrong["ok"], wrong["code"]) == (False, "entry_space")
    assert [warning["code"] for warning in address["warnings"]] == ["ipv6_no_frame"]


def test_editing_changes_fields_and_records_who_and_what(pages, row):
    ends = row.expires_at.strftime("%Y-%m-%dT%H:%M")
    given = {"name": "Portal", "scopes": ["tickets:read"], "domains": "b.example.com", "expires_at": ends}
    assert pages.post(page_of(row, "edit"), given).status_code == 302
    before = row.expires_at
    row.refresh_from_db()
    assert (row.name, row.scopes, row.domains) == ("Portal", ["tickets:read"], ["b.example.com"])
    assert row.expires_at == before  # shown to the minute, it was left alone
    event = last_event(row)
    assert (event.type, event.actor_id) == ("token.edited", pages.user.pk)
    assert event.data["changes"]["name"] == {"from": "Partner portal", "to": "Portal"}


def test_the_end_of_a_token_comes_nearer_but_never_later(pages, row):
    given = {"name": row.name, "scopes": row.scopes, "domains": "portal.example.com"}
    later = (row.expires_at + timezone.timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    page = pages.post(page_of(row, "edit"), given | {"expires_at": later}).content.decode()
    assert "Rotate the token" in page
    sooner = (row.expires_at - timezone.timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    assert pages.post(page_of(row, "edit"), given | {"expires_at": sooner}).status_code == 302
    row.refresh_from_db()
    assert row.expires_at.strftime("%Y-%m-%dT%H:%M") == sooner


@pytest.mark.parametrize(
    ("page", "given", "state", "event"),
    [
        ("disable", {}, "disabled", "token.disabled"),
        ("revoke", {"reason": "Leaked"}, "revoked", "token.revoked"),
    ],
)
def test_a_state_changes_only_after_the_question_and_names_its_actor(pages, row, page, given, state, event):
    assert pages.get(page_of(row, page)).status_code == 200
    row.refresh_from_db()
    assert row.state == "active"
    pages.post(page_of(row, page), given)
    row.refresh_from_db()
    assert row.state == state
    found = last_event(row)
    assert (found.type, found.actor_id) == (event, pages.user.pk)
    assert found.data.get("reason", "") == given.get("reason", "")


def test_a_disabled_token_is_enabled_again(pages, row):
    pages.post(page_of(row, "disable"))
    pages.post(page_of(row, "enable"))
    row.refresh_from_db()
    assert row.state == "active"
    assert (last_event(row).type, last_event(row).actor_id) == ("token.enabled", pages.user.pk)


def test_rotating_shows_the_new_token_once_and_a_reload_is_no_reuse(pages, row):
    form_id = pages.form_id(page_of(row, "rotate"))
    given = {"grace": 3600, "form_id": form_id}
    response = pages.post(page_of(row, "rotate"), given)
    new = factories.token_row(SECRET.search(response.content.decode())[1])
    assert new.family == row.family
    assert "no-store" in response["Cache-Control"]
    assert Event.objects.filter(token_id=row.pk, type="token.rotated", actor_id=pages.user.pk).exists()
    assert pages.post(page_of(row, "rotate"), given).status_code == 302
    assert not Event.objects.filter(type="token.rotate_reuse").exists()


def test_several_tokens_are_revoked_after_one_reason_was_asked_for(pages):
    rows = [factories.token_row(factories.token()) for _ in range(2)]
    given = {"action": "revoke_selected", "_selected_action": [str(row.pk) for row in rows]}
    assert "cannot be undone" in pages.post(LIST, given).content.decode()
    assert not AccessToken.objects.filter(state="revoked").exists()
    pages.post(LIST, given | {"confirmed": "1", "reason": "Partner left"})
    assert set(AccessToken.objects.values_list("state", "revoked_reason")) == {("revoked", "Partner left")}


def test_several_tokens_are_disabled_and_a_revoked_one_is_said_to_be_left(pages, row):
    gone = factories.token_row(factories.token())
    pages.post(page_of(gone, "revoke"), {"reason": ""})
    keys = [str(row.pk), str(gone.pk)]
    pages.post(LIST, {"action": "disable_selected", "_selected_action": keys})
    page = pages.said(LIST)
    assert "1 token was disabled." in page
    assert "The token is revoked." in page


def test_the_page_of_a_token_shows_use_denials_sessions_and_ends_one(pages, row):
    DailyUse.objects.create(token=row, day=timezone.now().date(), origin=DOMAIN, result="ok", count=7)
    session = HandoffSession.objects.create(
        token=row, user=row.user, surface="agent", kind="top", embedder=DOMAIN, handle="h" * 20,
        expires_at=timezone.now() + timezone.timedelta(hours=1),
    )  # fmt: skip
    page = pages.get(page_of(row)).content.decode()
    assert "7 used · 0 refused" in re.sub(r"\s+", " ", page)
    end = f"{LIST}{row.pk}/sessions/{session.pk}/end/"
    assert f"/admin/{end}" in page
    assert pages.get(end).status_code == 404  # only a form ends it
    pages.post(end)
    session.refresh_from_db()
    assert session.ended_at is not None
    assert last_event(row).actor_id == pages.user.pk


def test_the_doctor_says_why_a_foreign_page_is_refused(pages, row):
    given = {"origin": "https://evil.example", "path": "/agent/auth/login"}
    page = pages.post(page_of(row, "doctor"), given).content.decode()
    assert "domain_not_allowed" in page


def test_a_pasted_token_is_examined_and_not_sent_back(pages, agent):
    token = factories.token(agent)
    page = pages.post(LIST + "examine/", {"token": token, "origin": "", "path": ""}).content.decode()
    assert "token_genuine" in page
    assert token not in page
    assert token.rsplit(".", 1)[1] not in everything_kept()


def test_the_list_costs_the_same_number_of_queries_for_any_number_of_tokens(pages):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert pages.get(LIST).status_code == 200
        return len(captured)

    factories.token()
    pages.get(LIST)
    few = queries()
    for _ in range(8):
        factories.token(entries=["a.example.com"])
    assert queries() == few
    assert few <= 5  # session, person, count, rows


FILTERS = ("state=active", "state=expired", "state=revoked", "place=any", "place=listed", "place=servers",
           "ends=7", "used=never", "used=idle", "kind=one-time", "q=portal")  # fmt: skip


@pytest.mark.parametrize("query", FILTERS)
def test_every_filter_answers(pages, row, query):
    assert pages.get(f"{LIST}?{query}").status_code == 200


@pytest.mark.parametrize("role", [factories.agent, factories.supervisor])
def test_who_is_no_admin_gets_no_page(db, role):
    row = factories.token_row(factories.token())
    pages = AdminPages(role())
    for path in ("", LIST, ADD, page_of(row), page_of(row, "rotate"), LIST + "explain/?entry=a.example"):
        assert pages.get(path).status_code == 302
    pages.post(page_of(row, "revoke"), {"reason": ""})
    row.refresh_from_db()
    assert row.state == "active"


def test_a_session_opened_by_a_token_may_only_what_the_token_may(db):
    owner = factories.admin()
    token = factories.token(owner, scope_names=["login:admin", "tokens:read"])
    pages = AdminPages(owner)
    pages.client.logout()
    navigation = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    landed = pages.client.get(f"/admin/auth/login?accessToken={token}", headers=navigation)
    pages.client.get(landed["Location"], headers=navigation)
    row = factories.token_row(token)
    assert pages.get(LIST).status_code == 200
    assert pages.get(page_of(row, "rotate")).status_code == 403
    assert pages.get(ADD).status_code == 403
    assert pages.get("accounts/user/").status_code == 403
    assert "/admin/accounts/user/" not in pages.said()
