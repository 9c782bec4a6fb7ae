"""Whatever is sent to an endpoint that writes, the answer is a refusal or a success, never a 500."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging import services
from tests.messaging.conversations import thread, visitor

pytestmark = pytest.mark.django_db

NAMES = [
    "thread", "threadUid", "content", "type", "visibility", "clientId", "visitor", "agent", "team", "topic",
    "seq", "nickname", "email", "avatar", "externalId", "id", "uid", "shortcut", "title", "scope",
    "tags", "summary", "mentions", "phone", "language", "customFields",
]  # fmt: skip
KNOWN = ["AGENT", "WORKGROUP", "MEMBER", "text", "internal", "{thread}", "{agent}", "{team}", "{visitor}"]
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
    | st.sampled_from(KNOWN)
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=4)
    ),
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6) | VALUES
ENDPOINTS = [
    ("post", "messages/send"), ("post", "threads/create"), ("post", "threads/{thread}/accept"),
    ("post", "threads/{thread}/transfer"), ("post", "threads/{thread}/close"),
    ("post", "threads/{thread}/reopen"), ("post", "threads/{thread}/read"), ("put", "visitors/{visitor}"),
    ("post", "replies/create"), ("put", "replies/{reply}"), ("post", "replies/{reply}/render"),
    ("put", "threads/{thread}"), ("put", "messages/{message}"), ("post", "messages/{message}/recall"),
    ("post", "visitors/{visitor}/block"), ("post", "visitors/{visitor}/unblock"),
]  # fmt: skip


@pytest.fixture
def call(admin_api, admin, agent):
    """A function that sends a body to an endpoint; `{thread}` and the like stand for rows that exist."""
    talk = thread(agent=agent)
    known = {"thread": talk.pk, "agent": agent.pk, "visitor": visitor().pk, "team": thread().team_id}
    known["message"] = services.send_message(thread=talk, user=admin, content="x")["id"]
    known["reply"] = services.create_reply(shortcut="x", content="x", scope="shared", actor=admin).pk

    def send(method: str, path: str, body: str):
        for name, id in known.items():
            path, body = path.replace(f"{{{name}}}", str(id)), body.replace(f"{{{name}}}", str(id))
        return getattr(admin_api, method)(path, body)

    return send


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_any_json_gets_an_answer(call, method, path, body):
    response = call(method, path, json.dumps(body))
    assert response.status_code in (200, 400, 404, 409), response.content


@pytest.mark.parametrize(
    "text",
    ['{"content": "a\\u0000b", "thread": "{thread}"}', '{"content": "\\ud83d", "thread": "{thread}"}', "[]"],
)
def test_what_cannot_be_stored_is_invalid_json(call, text):
    response = call("post", "messages/send", text)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("path", ["messages/list", "threads/list", "visitors/list", "replies/list"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given=st.dictionaries(
        st.sampled_from(
            [
                "thread",
                "after",
                "q",
                "cursor",
                "ordering",
                "limit",
                "agent",
                "unread",
                "created_after",
                "scope",
                "tags",
                "mentions",
                "blocked",
            ]
        ),
        st.text(max_size=30),
        max_size=3,
    )
)
def test_any_parameter_gets_an_answer(get, path, given):
    assert get(path, given).status_code in (200, 400)


@pytest.fixture
def get(admin_api):
    return admin_api.get
