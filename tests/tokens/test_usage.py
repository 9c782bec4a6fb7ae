"""What is counted of a token's use, and told as events, without a write per request."""

import pytest

from events.models import Event
from tests import factories
from tests.conftest import Api
from tokens import queries, usage
from tokens.models import DailyUse
from tokens.services import rotate_token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted():
    usage.forget()
    yield
    usage.forget()


def told(row, type: str) -> list[dict]:
    return [event.data for event in Event.objects.filter(object_id=str(row.pk), type=type).order_by("id")]


def test_uses_are_counted_per_day_origin_and_result_by_one_write(agent, django_assert_num_queries):
    row = factories.token_row(
        text := factories.token(agent, entries=["shop.example"], scope_names=["tickets:read"])
    )
    page = Api(text, Origin="http://shop.example")
    for _ in range(3):
        with django_assert_num_queries(2):
            page.get("tickets/list")
    assert Api(text, Origin="https://evil.example").get("tickets/list").status_code == 403
    usage.flush()
    counted = {(use.origin, use.result): use.count for use in DailyUse.objects.filter(token=row)}
    assert counted == {("http://shop.example", "ok"): 3, ("https://evil.example", "domain_not_allowed"): 1}
    day = queries.use_by_day(row.pk)[0]
    assert (day["ok"], day["denied"]) == (3, 1)
    row.refresh_from_db()
    assert (row.last_used_ip, row.last_used_origin) == ("127.0.0.1", "http://shop.example")


def test_last_use_is_written_at_most_once_a_minute(api):
    api.get("tickets/list")
    usage.flush()
    first = factories.token_row(api.token).last_used_at
    api.get("tickets/list")
    usage.flush()
    assert factories.token_row(api.token).last_used_at == first


def test_the_first_use_from_an_address_and_an_origin_is_told_once(agent):
    row = factories.token_row(text := factories.token(agent))
    for origin in ("http://a.example", "http://a.example", "http://b.example"):
        Api(text, Origin=origin).get("tickets/list")
        usage.flush()
    usage.forget()  # another process, which knows nothing yet
    Api(text, Origin="http://a.example").get("tickets/list")
    usage.flush()
    places = [(each["kind"], each["value"]) for each in told(row, "token.first_use")]
    assert places == [("ip", "127.0.0.1"), ("origin", "http://a.example"), ("origin", "http://b.example")]
    event = Event.objects.filter(object_id=str(row.pk), type="token.first_use").first()
    assert (event.ip, event.origin, event.data["hint"]) == ("127.0.0.1", "http://a.example", row.hint)


def test_refusals_are_told_once_a_minute_for_each_reason_and_origin(agent):
    row = factories.token_row(
        text := factories.token(agent, entries=["a.example"], scope_names=["tickets:read"])
    )
    for _ in range(3):
        for origin in ("http://evil.example", "http://bad.example"):
            Api(text, Origin=origin).get("tickets/list")
        Api(text, Origin="http://a.example").get("tokens/list")
        Api(text).get("tickets/list")
        usage.flush()
    assert [each["origin"] for each in told(row, "token.domain_denied")] == [
        "http://evil.example",
        "http://bad.example",
    ]
    assert [each["scope"] for each in told(row, "token.scope_denied")] == ["tokens:self"]
    assert [each["code"] for each in told(row, "token.denied")] == ["origin_missing"]
    assert {each["code"] for each in queries.newest_denials(row.pk)} == {
        "domain_not_allowed", "insufficient_scope", "origin_missing"
    }  # fmt: skip


def test_a_use_in_grace_is_told(agent, admin):
    row = factories.token_row(text := factories.token(agent))
    rotate_token(row=row, actor=admin)
    Api(text).get("tickets/list")
    usage.flush()
    assert len(told(row, "token.grace_use")) == 1
    assert DailyUse.objects.get(token=row).result == "ok"


def test_an_alert_survives_the_idempotency_key_that_would_take_it_back(api):
    row = factories.token_row(api.token)
    path = f"tokens/{row.pk}/rotate"
    assert api.post(path, {}, headers={"Idempotency-Key": "a"}).status_code == 200
    assert api.post(path, {}, headers={"Idempotency-Key": "a"})["Idempotent-Replayed"] == "true"
    assert api.post(path, {}, headers={"Idempotency-Key": "b"}).json()["code"] == "token_rotated"
    usage.flush()
    assert len(told(row, "token.rotate_reuse")) == 1


def test_what_a_deleted_token_left_behind_is_dropped(agent):
    row = factories.token_row(text := factories.token(agent))
    Api(text).get("tickets/list")
    row.delete()
    usage.flush()
    assert not DailyUse.objects.exists()


def test_made_up_origins_fill_no_table(agent, monkeypatch):
    monkeypatch.setattr(usage, "MOST_ORIGINS", 3)
    row = factories.token_row(
        text := factories.token(agent, entries=["*.shop.example"], scope_names=["tickets:read"])
    )
    for number in range(6):
        Api(text, Origin=f"https://a{number}.shop.example").get("tickets/list")
        Api(text, Origin=f"https://evil{number}.example").get("tickets/list")
        if number in (1, 3):
            usage.flush()
            usage.forget()  # another process counts on
    usage.flush()
    counted: dict[str, set[str]] = {"ok": set(), "domain_not_allowed": set()}
    for use in DailyUse.objects.filter(token=row):
        counted[use.result].add(use.origin)
    assert all(len(origins) == 4 and "other" in origins for origins in counted.values())
    assert sum(DailyUse.objects.values_list("count", flat=True)) == 12
    assert len([data for data in told(row, "token.first_use") if data["kind"] == "origin"]) <= 3
