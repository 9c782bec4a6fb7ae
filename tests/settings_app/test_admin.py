"""The admin pages of settings: one form for each group, made from the registry."""

import pytest

from events.models import Event
from settings_app.queries import group_values
from settings_app.registry import GROUPS
from tests.admin_pages import AdminPages

SETTINGS = "settings_app/storedgroup/"


@pytest.fixture
def pages(db):
    return AdminPages()


def sent(group: str, **changes):
    """Return a group as its form sends it: a box that is not ticked is left out."""
    values = group_values(group) | changes
    lines = {name: "\n".join(value) for name, value in values.items() if isinstance(value, list)}
    values |= lines  # a list is a text area, one a line
    return {name: "on" if value is True else value for name, value in values.items() if value is not False}


@pytest.mark.parametrize("group", list(GROUPS))
def test_every_group_has_a_form_that_saves_as_it_is(pages, group):
    assert GROUPS[group].title in pages.get(SETTINGS).content.decode()
    assert pages.post(f"{SETTINGS}{group}/change/", sent(group)).status_code == 302
    assert not Event.objects.filter(type="setting.changed").exists()


def test_a_change_is_stored_and_recorded_with_its_actor(pages):
    pages.post(f"{SETTINGS}tokens/change/", sent("tokens", requireDomains=True, idleDays=30))
    assert group_values("tokens")["requireDomains"] is True
    event = Event.objects.get(type="setting.changed")
    assert (event.actor_id, event.data["new"]) == (pages.user.pk, {"requireDomains": True, "idleDays": 30})


def test_a_value_that_does_not_fit_is_said_at_its_key(pages):
    page = pages.post(f"{SETTINGS}branding/change/", sent("branding", accentColor="blue")).content.decode()
    assert "Expected a colour" in page
    assert group_values("branding")["accentColor"] == GROUPS["branding"].defaults["accentColor"]


def test_a_group_that_does_not_exist_is_not_found(pages):
    assert pages.get(f"{SETTINGS}nonsense/change/").status_code == 404
