"""`/api/settings/*`: typed groups, who reads them, who changes them."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.models import Event
from settings_app.models import StoredGroup
from settings_app.queries import setting
from settings_app.registry import GROUPS
from tests import factories
from tests.conftest import Api

pytestmark = pytest.mark.django_db


def as_(role: str, **options) -> Api:
    return Api(factories.token(factories.user(role), **options))


PUBLIC = [name for name, group in GROUPS.items() if group.public]


def test_agents_read_public_groups_only(api):
    assert [group["id"] for group in api.get("settings/list").json()] == PUBLIC
    assert api.get("settings/general").json()["values"]["deskName"] == "Inlay"
    assert api.get("settings/tokens").status_code == 404


@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_supervisors_and_admins_read_all(role):
    assert [group["id"] for group in as_(role).get("settings/list").json()] == list(GROUPS)
    assert as_(role).get("settings/tokens").status_code == 200


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("supervisor", 403), ("admin", 200)])
def test_only_admins_change_settings(role, status):
    response = as_(role).put("settings/general", {"values": {"deskName": "Ours"}})
    assert response.status_code == status


def test_a_token_without_the_scope_changes_nothing():
    assert as_("admin", scope_names=["settings:read"]).put("settings/general", {}).status_code == 403


def test_reading_costs_one_statement_for_the_caller_and_one_for_the_groups(
    admin_api, django_assert_num_queries
):
    with django_assert_num_queries(2):
        admin_api.get("settings/list")
    with django_assert_num_queries(2):
        admin_api.get("settings/general")


def test_a_change_is_stored_told_and_felt_at_once(admin_api, django_capture_on_commit_callbacks):
    assert setting("general", "deskName") == "Inlay"
    with django_capture_on_commit_callbacks(execute=True):
        changed = admin_api.put("settings/general", {"values": {"deskName": "客服 🛎️ مكتب"}})
    assert changed.status_code == 200 and changed.json()["values"]["deskName"] == "客服 🛎️ مكتب"
    assert changed.json()["version"] == 1 and changed["ETag"] == '"1"'
    assert setting("general", "deskName") == "客服 🛎️ مكتب"
    assert StoredGroup.objects.get(pk="general").values == {"deskName": "客服 🛎️ مكتب"}
    [event] = Event.objects.filter(type="setting.changed")
    assert event.audience == ["settings/staff"] and event.actor_name
    assert event.data == {
        "group": "general",
        "old": {"deskName": "Inlay"},
        "new": {"deskName": "客服 🛎️ مكتب"},
    }


def test_a_change_of_a_group_that_is_not_public_is_told_to_those_who_may_read_it(admin_api):
    admin_api.put("settings/tokens", {"values": {"idleDays": 30}})
    assert Event.objects.get(type="setting.changed").audience == ["settings/all"]


def test_members_may_be_sent_without_the_envelope_and_a_whole_group_sent_back(admin_api):
    whole = admin_api.patch("settings/branding", {"accentColor": "#112233"}).json()
    assert whole["values"]["accentColor"] == "#112233"
    assert admin_api.put("settings/branding", whole).json() == whole
    assert Event.objects.filter(type="setting.changed").count() == 1


def test_setting_a_default_again_stores_nothing(admin_api):
    admin_api.put("settings/general", {"deskName": "X"})
    admin_api.put("settings/general", {"deskName": "Inlay"})
    assert StoredGroup.objects.get(pk="general").values == {}


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"deskName": 5}, "deskName", "invalid"),
        ({"deskName": None}, "deskName", "invalid"),
        ({"language": "tlh"}, "language", "invalid"),
        ({"eventRetentionDays": 1}, "eventRetentionDays", "invalid"),
        ({"eventRetentionDays": True}, "eventRetentionDays", "invalid"),
        ({"supportAddress": "javascript:alert(1)"}, "supportAddress", "invalid"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_nothing_is_stored(admin_api, values, field, code):
    response = admin_api.put("settings/general", {"values": {"eventRetentionDays": 99} | values})
    assert response.status_code == 400
    assert (response.json()["errors"][0]["field"], response.json()["errors"][0]["code"]) == (field, code)
    assert not StoredGroup.objects.exists()


def test_a_group_that_is_not_there_is_not_found(admin_api):
    assert admin_api.get("settings/nothing").status_code == 404
    assert admin_api.put("settings/nothing", {"a": 1}).status_code == 404


def test_a_stale_if_match_is_refused_with_the_current_group(admin_api):
    etag = admin_api.get("settings/general")["ETag"]
    assert admin_api.put("settings/general", {"deskName": "A"}, headers={"If-Match": etag}).status_code == 200
    stale = admin_api.put("settings/general", {"deskName": "B"}, headers={"If-Match": etag})
    assert stale.status_code == 412 and stale.json()["current"]["values"]["deskName"] == "A"


def test_an_unknown_parameter_is_named(api):
    assert api.get("settings/list?colour=red").json()["parameter"] == "colour"


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=30)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
KEYS = st.sampled_from(["values", "keys", "version", *GROUPS["general"].keys]) | st.text(max_size=8)


@pytest.fixture
def put(admin_api):
    return admin_api.put


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(group=st.sampled_from(list(GROUPS)), body=st.dictionaries(KEYS, VALUES, max_size=4) | VALUES)
def test_any_json_gets_an_answer(put, group, body):
    response = put(f"settings/{group}", json.dumps(body))
    assert response.status_code in (200, 400), response.content
