"""The embed studio's pages, and the page that stands for a foreign site."""

import pytest

from api.errors import Problem
from events.models import Event
from settings_app.services import change_settings
from tests import factories
from tests.admin_pages import AdminPages
from tokens.models import AccessToken

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(agent):
    return factories.token_row(factories.token(agent))


def test_the_preview_gets_a_one_time_token_of_the_chosen_one(row):
    answer = AdminPages().post(f"tokens/accesstoken/{row.pk}/studio/token/")
    made = factories.token_row(answer.json()["accessToken"])
    assert (made.parent, made.surface) == (row, "agent")
    assert answer["Cache-Control"].startswith("no-store")
    assert Event.objects.filter(type="token.created", object_id=str(made.pk)).exists()


def test_a_token_that_is_not_in_force_gives_the_preview_none(row):
    AccessToken.objects.update(state="disabled")
    answer = AdminPages().post(f"tokens/accesstoken/{row.pk}/studio/token/")
    assert answer.status_code == 409 and answer.json()["code"] == "invalid_state"
    assert "not in force" in AdminPages().said(f"tokens/accesstoken/{row.pk}/studio/")


def test_reading_the_address_makes_no_token(row):
    assert AdminPages().get(f"tokens/accesstoken/{row.pk}/studio/token/").status_code == 404
    assert AccessToken.objects.count() == 1


def test_the_studio_offers_the_tokens_that_open_the_workstation(row):
    other = factories.token_row(factories.token(scope_names=["tickets:read"], name="API only"))
    page = AdminPages().said("tokens/accesstoken/embed/")
    assert row.hint in page and other.hint not in page


@pytest.mark.parametrize("query", ["height=-1", "theme=pink", "origin=javascript:1", "view=" + "x" * 5000])
def test_strange_choices_are_marked_and_harmless(row, query):
    page = AdminPages().get(f"tokens/accesstoken/{row.pk}/studio/?{query}")
    assert page.status_code == 200 and b"dk-error" in page.content


def test_the_foreign_page_listens_to_the_desk_that_it_names_and_lets_nobody_else_frame_it(client):
    page = client.get("/embed/preview?desk=https://desk.example.com")
    assert "frame-ancestors https://desk.example.com" in page["Content-Security-Policy"]
    assert "frame-src 'self' https://desk.example.com" in page["Content-Security-Policy"]
    assert b'data-desk="https://desk.example.com"' in page.content


@pytest.mark.parametrize("desk", ["", "javascript:alert(1)", "https://a.example; script-src *", "null"])
def test_the_foreign_page_takes_no_other_address_than_an_origin(client, desk):
    page = client.get("/embed/preview", {"desk": desk})
    assert page.status_code == 400
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_the_environment_alone_names_where_the_preview_is(row, settings):
    with pytest.raises(Problem):
        change_settings(
            group="embedding", values={"previewOrigin": "https://evil.example"}, actor=factories.admin()
        )
    path = f"tokens/accesstoken/{row.pk}/studio/"
    assert "evil.example" not in AdminPages().said(path)
    settings.PREVIEW_ORIGIN = "https://preview.example.net"
    page = AdminPages().get(path)
    assert b'src="https://preview.example.net/embed/preview?' in page.content
    assert "frame-src 'self' https://preview.example.net" in page["Content-Security-Policy"]


@pytest.mark.parametrize("stated", ["javascript:alert(1)", "https://a.example; script-src *", "null"])
def test_what_is_no_origin_in_the_environment_is_no_preview(row, settings, stated):
    settings.PREVIEW_ORIGIN = stated
    page = AdminPages().get(f"tokens/accesstoken/{row.pk}/studio/")
    assert b"This desk knows no second address" in page.content
    assert stated not in page["Content-Security-Policy"]
