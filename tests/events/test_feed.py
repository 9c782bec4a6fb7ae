"""The changes feed as a page and as a long poll."""

import threading
import time

import pytest
import requests
from django.db import transaction

from events.services import record
from tests import factories
from tests.streams import settle


def note(text: str = "") -> None:
    with transaction.atomic():
        record("ticket.noted", object_id="1", audience=["tickets/staff"], data={"text": text})


def following(response) -> str:
    return response["Link"].split(";")[0].strip("<>").split("/api/")[1]


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.django_db(transaction=True)
def test_the_feed_is_followed_by_its_link(api):
    settle()
    start = api.get("events/list?after=now")
    for number in range(3):
        note(str(number))
    settle()
    first = api.get(following(start).replace("limit=50", "limit=2"))
    second = api.get(following(first))
    assert [event["data"]["text"] for event in [*first.json(), *second.json()]] == ["0", "1", "2"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["after=x", "limit=0", "limit=201", "limit=a", "wait=26", "wait=-1", "since=1"]
)
def test_a_bad_parameter_is_named(api, query):
    response = api.get(f"events/list?{query}")
    assert response.status_code == 400
    assert response.json()["code"] in {"invalid_cursor", "invalid_parameter", "unknown_parameter"}


@pytest.mark.django_db
def test_the_feed_needs_its_scope():
    from tests.conftest import Api

    response = Api(factories.token(scope_names=["tickets:read"])).get("events/list")
    assert (response.status_code, response.json()["scope"]) == (403, "events:read")
    assert 'scope="events:read"' in response["WWW-Authenticate"]


def test_a_long_poll_answers_as_soon_as_something_happens(desk):
    token = factories.token(scope_names=["events:read", "tickets:read"])  # hears nothing of its own first use
    settle()
    url = f"{desk.url}/api/events/list"
    after = requests.get(url, params={"after": "now"}, headers=headers(token)).links["next"]["url"]
    threading.Timer(0.5, note, ["soon"]).start()
    began = time.monotonic()
    response = requests.get(after + "&wait=20", headers=headers(token), timeout=30)
    assert [event["data"]["text"] for event in response.json()] == ["soon"]
    assert time.monotonic() - began < 15
    assert "after=" in response.links["next"]["url"]


def test_a_long_poll_without_news_ends_with_an_empty_page(desk):
    token = factories.token(scope_names=["events:read", "tickets:read"])
    settle()
    response = requests.get(
        f"{desk.url}/api/events/list?after=now&wait=1", headers=headers(token), timeout=30
    )
    assert (response.status_code, response.json()) == (200, [])
