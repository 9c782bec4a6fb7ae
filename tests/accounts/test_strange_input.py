"""Whatever is sent to an endpoint that writes, the answer is a refusal or a success, never a 500."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.conftest import Api

pytestmark = pytest.mark.django_db

NAMES = [
    "username", "email", "nickname", "avatar", "role", "roles", "teams", "members", "active", "password",
    "status", "language", "timezone", "name", "description", "currentPassword", "newPassword", "id",
    "updatedAt", "capacity", "skills", "routing", "overflowTeam", "overflowSeconds",
]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
BODIES = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=10), VALUES, max_size=6) | VALUES
ENDPOINTS = [
    ("put", "user/profile"), ("post", "user/password"), ("post", "users/create"), ("put", "users/{id}"),
    ("post", "teams/create"), ("put", "teams/{team}"),
]  # fmt: skip


@pytest.fixture
def call(admin_api):
    """A function that sends a body to an endpoint whose user and team exist."""
    targets = {"id": factories.agent().pk, "team": factories.team().pk}
    return lambda method, path, body: getattr(admin_api, method)(path.format(**targets), body)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_any_json_gets_an_answer(call, method, path, body):
    response = call(method, path, json.dumps(body))
    assert response.status_code in (200, 400, 403, 409), response.content


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@pytest.mark.parametrize(
    "text",
    [
        '{"nickname": "a\\u0000b"}',
        '{"nickname": "\\ud800"}',
        '{"name": "\\udfff"}',
        b'{"nickname": "a\x00b"}',
        b'{"nickname": "\xed\xa0\x80"}',
        b"\xff",
        "[1]",
        '"text"',
        "{",
        '{"nickname": NaN}',
        '{"nickname": "a", "nickname": "b"}',
        "[" * 5000,
    ],
)
def test_what_is_no_storable_json_object_is_invalid_json(call, method, path, text):
    response = call(method, path, text)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_json")


def test_a_body_of_another_kind_is_refused():
    api = Api(factories.token())
    response = api.put("user/profile", "nickname=x", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 415
