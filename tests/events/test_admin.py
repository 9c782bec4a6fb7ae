"""The audit log in the admin: read only, filtered, and one event with what was recorded."""

import pytest

from events.models import Event
from tests import factories
from tests.admin_pages import AdminPages

EVENTS = "events/event/"


@pytest.fixture
def pages(db):
    return AdminPages()


def test_the_log_is_filtered_by_object_and_by_kind(pages):
    row = factories.token_row(factories.token(name="Partner portal"))
    assert "Partner portal" in pages.get(EVENTS, {"object": "token"}).content.decode()
    assert "Partner portal" not in pages.get(EVENTS, {"object": "team"}).content.decode()
    assert "Partner portal" in pages.get(EVENTS, {"object_id": str(row.pk)}).content.decode()
    assert pages.get(EVENTS, {"kind": "denied"}).status_code == 200
    assert pages.get(EVENTS, {"q": "token.created"}).status_code == 200


def test_an_event_shows_what_was_recorded_and_cannot_be_changed(pages):
    factories.token(name="Partner <portal>")
    event = Event.objects.get(type="token.created")
    page = pages.get(f"{EVENTS}{event.pk}/change/").content.decode()
    assert "Partner &lt;portal&gt;" in page
    assert pages.get(f"{EVENTS}{event.pk}/delete/").status_code == 403
    assert pages.get(EVENTS + "add/").status_code == 403


def test_the_history_of_an_object_is_its_events(pages, agent):
    history = pages.get(f"accounts/user/{agent.pk}/history/")
    assert history["Location"] == f"/admin/{EVENTS}?object_id={agent.pk}"


def test_the_background_jobs_can_be_looked_at(pages):
    assert b"Background jobs" in pages.get("procrastinate/procrastinatejob/").content
