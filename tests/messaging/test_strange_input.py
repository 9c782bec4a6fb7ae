"""Whatever is sent to an endpoint that writes, the answer is a refusal or a success, never a 500."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging import services
from messaging.chat import credentials
from tests.conftest import Api
from tests.messaging.conversations import thread, visitor
from tests.messaging.robots import know, robot
from tests.messaging.uploads import png, upload
from tokens import throttle

pytestmark = pytest.mark.django_db

NAMES = [
    "thread", "threadUid", "content", "type", "visibility", "clientId", "visitor", "agent", "team", "topic",
    "seq", "nickname", "email", "phone", "avatar", "externalId", "id", "uid", "shortcut", "title", "scope",
    "note", "skills", "attachment", "attachments", "card", "buttons", "label", "reply", "url", "imageUrl",
    "question", "similar", "answer", "enabled", "robot", "config", "threshold", "responder", "suggestions",
    "offerAfter", "handOverAfter", "welcomeText", "name", "active",
    "text", "t", "sid", "language", "customFields", "tags", "summary", "mentions", "members",
]  # fmt: skip
KNOWN = [
    "AGENT", "WORKGROUP", "MEMBER", "GROUP", "text", "internal", "card", "image", "{thread}", "{agent}",
    "{team}", "{visitor}", "{attachment}", "https://x.example/",
]  # fmt: skip
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
    ("post", "threads/{thread}/takeover"), ("post", "threads/{thread}/invite"),
    ("post", "threads/{thread}/leave"), ("post", "threads/{thread}/remove"),
    ("post", "robots/create"), ("put", "robots/{robot}"), ("post", "robots/{robot}/try"),
    ("post", "knowledge/create"), ("put", "knowledge/{entry}"),
    ("post", "visitors/{visitor}/block"), ("post", "visitors/{visitor}/unblock"),
]  # fmt: skip


@pytest.fixture
def call(admin_api, admin, agent):
    """A function that sends a body to an endpoint; `{thread}` and the like stand for rows that exist."""
    talk = thread(agent=agent)
    known = {"thread": talk.pk, "agent": agent.pk, "visitor": visitor().pk, "team": thread().team_id}
    known["message"] = services.send_message(thread=talk, user=admin, content="x")["id"]
    known["attachment"] = upload(admin_api, png())["id"]
    known["reply"] = services.create_reply(shortcut="x", content="x", scope="shared", actor=admin).pk

    known["robot"], known["entry"] = robot().pk, know("Where is my parcel?", "On its way.").pk

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
    assert response.status_code in (200, 400, 404, 409, 429), response.content


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.fixed_dictionaries(
        {"thread": st.just("{thread}")},
        optional={"card": BODIES, "attachment": LEAVES, "type": LEAVES, "content": LEAVES},
    )
)
def test_any_card_or_attachment_gets_an_answer(call, body):
    response = call("post", "messages/send", json.dumps(body))
    assert response.status_code in (200, 400), response.content


@pytest.fixture
def leave():
    """A function that sends a body as a visitor who leaves a message."""
    caller = Api(credentials.issue(visitor().pk))

    def send(body: str):
        throttle.forget_failures()
        return caller.post("chat/offline", body)

    return send


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_any_json_that_is_left_gets_an_answer(leave, body):
    assert leave(json.dumps(body)).status_code in (200, 400, 429)


@pytest.mark.parametrize(
    "text",
    ['{"content": "a\\u0000b", "thread": "{thread}"}', '{"content": "\\ud83d", "thread": "{thread}"}', "[]"],
)
def test_what_cannot_be_stored_is_invalid_json(call, text):
    response = call("post", "messages/send", text)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    "path",
    ["messages/list", "threads/list", "visitors/list", "replies/list", "robots/list", "knowledge/list"],
)
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
                "participant",
                "waiting",
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
