"""Username and password for a short-lived token (`POST /auth/v1/login`, api.md)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from settings_app.models import StoredGroup
from settings_app.queries import forget_kept
from tests import factories
from tests.conftest import Api
from tests.factories import PASSWORD, token_row


@pytest.fixture
def person(db):
    return factories.agent(password=PASSWORD, email="admin@email.com")


def sign_in(*, content_type: str = "application/json", **given):
    return Client().post("/auth/v1/login", given, content_type=content_type, secure=True)


def test_a_password_gives_a_token_that_calls_the_api(person):
    answer = sign_in(username=person.username, password=PASSWORD)
    body = answer.json()
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store" and not answer.cookies
    assert body["code"] == 200 and body["message"]
    assert body["data"]["user"]["username"] == person.username
    token = body["data"]["accessToken"]
    assert Api(token).get("tickets/list").status_code == 200
    row = token_row(token)
    assert row.name == "Password login"
    assert row.expires_at - timezone.now() < timedelta(hours=12, minutes=1)


def test_the_e_mail_works_as_a_username(person):
    assert sign_in(username="Admin@Email.com", password=PASSWORD).status_code == 200


def test_a_wrong_password_and_an_unknown_user_look_alike(person):
    for username in (person.username, "nobody"):
        answer = sign_in(username=username, password="wrong")
        assert answer.status_code == 401 and answer.json()["code"] == "login_failed"
        assert answer["Content-Type"] == "application/problem+json"


def test_an_inactive_user_does_not_sign_in(person):
    type(person).objects.update(is_active=False)
    assert sign_in(username=person.username, password=PASSWORD).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"username": "x"}, {"username": 1, "password": []}, {"username": "a\x00", "password": "b"}]
)
def test_what_is_no_login_is_refused(body, db):
    assert sign_in(**body).status_code in (400, 401)


@pytest.mark.parametrize("raw", [b"", b"[", b"[]", b"\xff", b'{"username":"a"} x', b"[" * 20_000])
def test_what_is_no_json_is_a_400(raw, db):
    answer = Client().post("/auth/v1/login", raw, content_type="application/json")
    assert answer.status_code == 400 and answer.json()["code"] == "invalid_json"


def test_a_get_is_refused(db):
    answer = Client().get("/auth/v1/login")
    assert answer.status_code == 405 and answer["Allow"] == "POST"


def test_guessing_is_locked_also_for_the_right_password(person):
    """Case 7.5: throttle evasion."""
    for _ in range(8):
        sign_in(username=person.username, password="wrong")
    locked = sign_in(username=person.username, password=PASSWORD)
    assert locked.status_code == 429 and locked.json()["code"] == "throttled"
    assert locked["Retry-After"]


def test_where_tokens_must_name_domains_it_is_for_the_desk_and_servers(person):
    StoredGroup.objects.update_or_create(pk="tokens", defaults={"values": {"requireDomains": True}})
    forget_kept()
    token = sign_in(username=person.username, password=PASSWORD).json()["data"]["accessToken"]
    row = token_row(token)
    assert row.domains == ["https://testserver"] and row.allow_no_origin
