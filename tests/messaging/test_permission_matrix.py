"""Who may do what: role × conversation × endpoint × event. The tables are the expectation; read them first.

A new endpoint fails the first test until it is in ENDPOINTS, with its row of what it asks for.
"""

from types import SimpleNamespace

import pytest
from django.db import transaction

from messaging.chat.urls import urlpatterns as chat_urls
from messaging.urls import urlpatterns as desk_urls
from tests.conftest import Api
from tests.messaging.matrix import (
    READS,
    SEES,
    SEES_ENTRY,
    SEES_REPLY,
    SEES_ROBOT,
    SEES_VISITOR,
    make_world,
)

WRITES = {"admin", "supervisor", "mate", "other", "loner", "limited", "writer"}
READS_SETTINGS = READS - {"reader"}
WRITES_SETTINGS = {"admin", "limited"}


# Method and address: what it is judged by, and who gets past its scope.
ENDPOINTS = {
    "GET messages/list": ("", READS),
    "POST messages/send": ("body thread", WRITES),
    "POST messages/create": ("body thread", WRITES),
    "GET messages/<str:id>": ("message", READS),
    "PUT messages/<str:id>": ("message", WRITES),
    "PATCH messages/<str:id>": ("message", WRITES),
    "POST messages/<str:id>/recall": ("message", WRITES),
    "POST attachments/create": ("", WRITES),
    "GET attachments/limits": ("", READS),
    "GET attachments/<str:id>": ("attachment", READS),
    "GET threads/list": ("", READS),
    "GET threads/tags": ("", READS),
    "GET threads/queue": ("", READS),
    "POST threads/create": ("", WRITES),
    "GET threads/<str:id>": ("thread", READS),
    "PUT threads/<str:id>": ("thread", WRITES),
    "PATCH threads/<str:id>": ("thread", WRITES),
    "POST threads/<str:id>/accept": ("thread", WRITES),
    "POST threads/<str:id>/close": ("thread", WRITES),
    "POST threads/<str:id>/reopen": ("thread", WRITES),
    "POST threads/<str:id>/transfer": ("thread", WRITES),
    "POST threads/<str:id>/takeover": ("thread", WRITES),
    "POST threads/<str:id>/invite": ("thread", WRITES),
    "POST threads/<str:id>/leave": ("thread", WRITES),
    "POST threads/<str:id>/remove": ("thread", WRITES),
    "POST threads/<str:id>/read": ("thread", READS),
    "POST threads/<str:id>/typing": ("thread", WRITES),
    "GET replies/list": ("", READS),
    "POST replies/create": ("", WRITES),
    "GET replies/<str:id>": ("reply", READS),
    "PUT replies/<str:id>": ("reply", WRITES),
    "PATCH replies/<str:id>": ("reply", WRITES),
    "DELETE replies/<str:id>": ("reply", WRITES),
    "POST replies/<str:id>/render": ("render", READS),
    "GET robots/list": ("", READS_SETTINGS),
    "POST robots/create": ("", WRITES_SETTINGS),
    "GET robots/<str:id>": ("robot", READS_SETTINGS),
    "PUT robots/<str:id>": ("robot", WRITES_SETTINGS),
    "PATCH robots/<str:id>": ("robot", WRITES_SETTINGS),
    "DELETE robots/<str:id>": ("robot", WRITES_SETTINGS),
    "POST robots/<str:id>/try": ("robot", READS_SETTINGS),
    "GET knowledge/list": ("", READS),
    "POST knowledge/create": ("", WRITES),
    "GET knowledge/<str:id>": ("entry", READS),
    "PUT knowledge/<str:id>": ("entry", WRITES),
    "PATCH knowledge/<str:id>": ("entry", WRITES),
    "DELETE knowledge/<str:id>": ("entry", WRITES),
    "GET visitors/list": ("", READS),
    "GET visitors/<str:id>/pages": ("visitor", READS),
    "GET visitors/<str:id>": ("visitor", READS),
    "PUT visitors/<str:id>": ("visitor", WRITES),
    "PATCH visitors/<str:id>": ("visitor", WRITES),
    "POST visitors/<str:id>/block": ("visitor", WRITES),
    "POST visitors/<str:id>/unblock": ("visitor", WRITES),
}


# Of the chat: what a visitor without a conversation gets. Who has no credential opens one; else only visitors
# call, each about its own conversation.
CHAT = {
    "POST open": 200,
    "POST upload": 200,
    "GET attachments/<str:id>": 404,
    "POST offline": 200,
    "POST human": 200,  # it may begin one
    "GET messages": 200,  # an empty list
    "POST send": 200,  # a conversation of its own
    "POST read": 404,
    "POST delivered": 404,
    "POST typing": 404,
    "POST rate": 404,
    "POST close": 404,
    "POST page": 200,
    "GET stream": 200,
}


BODIES = {
    "invite": lambda world: {"agent": str(world.people["other"].pk)},
    "remove": lambda world: {"agent": str(world.people["other"].pk)},
    "transfer": lambda world: {"agent": str(world.people["other"].pk)},
    "create": lambda world: {"content": "x"},
    "send": lambda world: {"content": "x"},
    "read": lambda world: {"seq": 1},
    "typing": lambda world: {},
    "try": lambda world: {"question": "Where is my parcel?"},
}


CHAT_BODIES = {
    "send": {"content": "x", "clientId": "x"}, "rate": {"score": 5}, "delivered": {"seq": 1},
    "page": {"url": "https://shop.example.com/"},
}  # fmt: skip


def addresses(patterns) -> set[str]:
    return {
        f"{method.upper()} {each.pattern}"
        for each in patterns
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(each.callback.view_class, method)
    }


def test_every_endpoint_has_its_expectation():
    assert addresses(desk_urls) == set(ENDPOINTS)
    assert addresses(chat_urls) == set(CHAT)


@pytest.fixture
def world(db) -> SimpleNamespace:
    return make_world()


def call(api: Api, method: str, path: str, body: dict | None) -> str:
    """Call, undo what it did, and return `past` (all checks of rights), or what refused."""
    with transaction.atomic():
        given = () if method == "GET" else (body or {},)
        response = getattr(api, method.lower())(path, *given)
        transaction.set_rollback(True)
    if response.status_code == 401:
        return "who"
    if response.status_code == 404:
        return "hidden"
    if response.status_code == 403 and response.json()["code"] == "insufficient_scope":
        return "scope"
    return "past"  # 200, or refused for what it asks: the state, the body, the role's own rules


def judged(world, kind: str, place: str) -> list[tuple[str, str, dict | None, dict]]:
    """Return (name, path, body, {caller: sees}) of each object that an endpoint is asked about."""
    rows, grid = {
        "": ({"": ""}, dict.fromkeys(world.callers, {"": True})),
        "thread": ({name: each.pk for name, each in world.threads.items()}, SEES),
        "body thread": ({name: each.pk for name, each in world.threads.items()}, SEES),
        "message": (world.messages, SEES),
        "attachment": (world.attachments, SEES),
        "visitor": ({name: world.visitors[name].pk for name in ("ann", "bob", "cara")}, SEES_VISITOR),
        "reply": (world.replies, SEES_REPLY),
        "robot": (world.robots, SEES_ROBOT),
        "entry": (world.entries, SEES_ENTRY),
        "render": ({name: each.pk for name, each in world.threads.items()}, SEES),
    }[kind]
    body = BODIES.get(place.rpartition("/")[2], lambda _: {})(world)
    found = []
    for name, id in rows.items():
        more = {"thread": str(id)} if kind in ("body thread", "render") else {}
        path = place.replace("<str:id>", str(world.replies["theirs"] if kind == "render" else id))
        found.append((name, path, body | more, {caller: sees[name] for caller, sees in grid.items()}))
    return found


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_who_gets_where(world, endpoint):
    kind, allowed = ENDPOINTS[endpoint]
    method, _, place = endpoint.partition(" ")
    wrong = []
    for name, path, body, sees in judged(world, kind, place):
        for caller, api in world.callers.items():
            if kind == "render":  # also of the reply, which is the one of "theirs"
                sees[caller] &= SEES_REPLY[caller]["theirs"]
            expected = "scope" if caller not in allowed else "past" if sees[caller] else "hidden"
            if (answer := call(api, method, path, body)) != expected:
                wrong.append(f"{caller} {endpoint} {name}: {answer}, expected {expected}")
        for outsider, api in world.outsiders.items():
            if (answer := call(api, method, path, body)) != "who":
                wrong.append(f"{outsider} {endpoint} {name}: {answer}, expected who")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "rows", "grid"),
    [
        ("threads/list?type=AGENT,WORKGROUP,MEMBER,GROUP,TICKET", "threads", SEES),
        ("messages/list", "messages", SEES),
        ("messages/list?q=Hello", "messages", SEES),
        ("visitors/list", "visitors", SEES_VISITOR),
        ("replies/list", "replies", SEES_REPLY),
        ("knowledge/list", "entries", SEES_ENTRY),
    ],
)
def test_a_list_shows_what_one_sees_and_nothing_else(world, path, rows, grid):
    known = {str(getattr(each, "pk", each)): name for name, each in getattr(world, rows).items()}
    for caller in READS:
        listed = {known[each["id"]] for each in world.callers[caller].get(path).json() if each["id"] in known}
        listed.discard("stranger")
        assert listed == {name for name, sees in grid[caller].items() if sees}, caller


@pytest.mark.parametrize("endpoint", CHAT)
def test_the_chat_is_for_visitors_each_its_own(world, endpoint):
    method, _, place = endpoint.partition(" ")
    body = CHAT_BODIES.get(place, {})
    place = place.replace("<str:id>", str(world.attachments["closed"]))
    for caller, api in world.callers.items():
        assert call(api, method, f"chat/{place}", body) == "who", caller  # an access token is for agents
    assert call(world.outsiders["nobody"], method, f"chat/{place}", body) == (
        "past" if endpoint == "POST open" else "who"
    )
    assert call(world.outsiders["ann"], method, f"chat/{place}", body) == "past"
    expected = "hidden" if CHAT[endpoint] == 404 else "past"
    assert call(world.outsiders["stranger"], method, f"chat/{place}", body) == expected
    shown = world.outsiders["stranger"].get("chat/messages").json()
    assert shown == []
