"""Who may do what: role × conversation × endpoint × event. The tables are the expectation; read them first.

A new endpoint fails the first test until it is in ENDPOINTS, with its row of what it asks for.
"""

from types import SimpleNamespace

import pytest
from django.db import transaction

from accounts.services import change_team
from events.models import Event
from messaging import services
from messaging.chat import credentials
from messaging.chat.caller import caller_of
from messaging.chat.urls import urlpatterns as chat_urls
from messaging.models import Attachment, Thread
from messaging.services.threads import heard_by
from messaging.urls import urlpatterns as desk_urls
from tests import factories
from tests.conftest import Api
from tests.messaging.conversations import as_user, thread, visitor
from tests.streams import listen, settle
from tokens.authentication import token_caller
from tokens.origins import facts_of


def table(text: str) -> dict[str, dict[str, bool]]:
    """Return {row: {column: whether there is a y}}."""
    head, *rows = [line.split() for line in text.strip().splitlines()]
    return {name: dict(zip(head, (mark == "y" for mark in marks), strict=True)) for name, *marks in rows}


# mate is an agent of the team "ours", other of "theirs", loner of none. limited is an admin's token that is
# limited to "theirs"; reader and writer are tokens of mate without messages:write and messages:read.
# own: AGENT, of mate, in "theirs". ours, theirs: WORKGROUP. noteam: AGENT, of other. member: two others.
# ticket: in "ours". hidden, closed: WORKGROUP in "ours". ann is the visitor of all of these but theirs.
SEES = table("""
               own ours noteam theirs member ticket hidden closed
    admin       y   y     y      y      -      y      -      y
    supervisor  y   y     y      y      -      y      -      y
    mate        y   y     y      -      -      y      -      y
    other       y   -     y      y      -      -      -      -
    loner       -   -     y      -      -      -      -      -
    limited     y   -     -      y      -      -      -      -
    reader      y   y     y      -      -      y      -      y
    writer      y   y     y      -      -      y      -      y
""")
# What one has heard of is what one sees; who may not read hears nothing; ann hears what is public.
HEARS = table("""
               own ours noteam theirs member ticket closed
    admin       y   y     y      y      -      y      y
    supervisor  y   y     y      y      -      y      y
    mate        y   y     y      -      -      y      y
    other       y   -     y      y      -      -      -
    loner       -   -     y      -      -      -      -
    limited     y   -     -      y      -      -      -
    reader      y   y     y      -      -      y      y
    writer      -   -     -      -      -      -      -
""")
VISITOR_HEARS = table("""
               own ours noteam theirs member ticket closed
    ann         y   y     y      -      -      -      y
    bob         -   -     -      y      -      -      -
    stranger    -   -     -      -      -      -      -
""")
SEES_VISITOR = table("""
               ann bob cara
    admin       y   y   y
    supervisor  y   y   y
    mate        y   y   y
    other       y   y   y
    loner       y   y   y
    limited     y   y   -
    reader      y   y   y
    writer      y   y   y
""")
SEES_REPLY = table("""
               shared ours theirs personal
    admin        y     y     y       -
    supervisor   y     y     y       -
    mate         y     y     -       y
    other        y     -     y       -
    loner        y     -     -       -
    limited      -     -     y       -
    reader       y     y     -       y
    writer       y     y     -       y
""")
READS = {"admin", "supervisor", "mate", "other", "loner", "limited", "reader"}
WRITES = {"admin", "supervisor", "mate", "other", "loner", "limited", "writer"}
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
    """Everybody and everything of the tables."""
    ours, theirs = factories.team(), factories.team()
    mate, other, loner = factories.agent(teams=[ours]), factories.agent(teams=[theirs]), factories.agent()
    admin, supervisor = factories.admin(), factories.supervisor()
    two = factories.agent(), factories.agent()
    ann, bob, cara, stranger = (visitor(name) for name in ("Ann", "Bob", "Cara", "Stranger"))
    threads = {
        "own": thread(type="AGENT", visitor=ann, agent=mate, team=theirs),
        "ours": thread(visitor=ann, team=ours),
        "noteam": thread(type="AGENT", visitor=ann, agent=other),
        "theirs": thread(visitor=bob, team=theirs),
        "member": services.create_thread(type="MEMBER", agent=two[0], actor=two[1]),
        "ticket": thread(type="TICKET", visitor=ann, team=ours),
        "hidden": thread(visitor=ann, team=ours),
        "closed": thread(visitor=ann, team=ours),
    }
    thread(visitor=cara, team=ours)
    messages = {}
    for name, each in threads.items():
        sender = {"user": two[0]} if name == "member" else {"visitor": each.visitor}
        messages[name] = services.send_message(thread=each, content="Hello", **sender)["id"]
    attachments = {
        name: Attachment.objects.create(
            message_id=id, key=f"tests/{name}", name="a.txt", size=1, content_type="text/plain"
        ).pk
        for name, id in messages.items()
    }
    services.close_thread(thread_id=threads["closed"].pk, actor=None)
    services.hide_thread(thread_id=threads["hidden"].pk, hidden=True)
    made = {
        "shared": (admin, {"scope": "shared"}),
        "ours": (admin, {"scope": "team", "team": ours.pk}),
        "theirs": (admin, {"scope": "team", "team": theirs.pk}),
        "personal": (mate, {"scope": "personal"}),
    }
    return SimpleNamespace(
        people={"mate": mate, "other": other, "loner": loner},
        teams={"ours": ours, "theirs": theirs},
        threads=threads,
        messages=messages,
        attachments=attachments,
        visitors={"ann": ann, "bob": bob, "cara": cara, "stranger": stranger},
        replies={
            name: services.create_reply(shortcut=name, content="x", actor=by, **more).pk
            for name, (by, more) in made.items()
        },
        callers={
            "admin": as_user(admin),
            "supervisor": as_user(supervisor),
            "mate": as_user(mate),
            "other": as_user(other),
            "loner": as_user(loner),
            "limited": as_user(admin, team_ids=[theirs.pk]),
            "reader": as_user(mate, scope_names=["messages:read"]),
            "writer": as_user(mate, scope_names=["messages:write"]),
        },
        outsiders={
            "ann": Api(credentials.issue(ann.pk)),
            "stranger": Api(credentials.issue(stranger.pk)),
            "nobody": Api(),
        },  # fmt: skip
    )


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
        ("threads/list?type=AGENT,WORKGROUP,MEMBER,TICKET", "threads", SEES),
        ("messages/list", "messages", SEES),
        ("messages/list?q=Hello", "messages", SEES),
        ("visitors/list", "visitors", SEES_VISITOR),
        ("replies/list", "replies", SEES_REPLY),
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


# What happens in a conversation: how it is made to happen, and whether its visitor hears it.
EVENTS = {
    "message.created": (lambda each, by: services.send_message(thread=each, user=by, content="x"), True),
    "a note": (
        lambda each, by: services.send_message(thread=each, user=by, content="x", visibility="internal"),
        False,
    ),
    "message.updated": (
        lambda each, by: services.edit_message(
            message_id=services.send_message(thread=each, user=by, content="x")["id"], content="y", actor=by
        ),
        True,
    ),
    "message.recalled": (
        lambda each, by: services.recall_message(
            message_id=services.send_message(thread=each, user=by, content="x")["id"], actor=by
        ),
        True,
    ),
    "thread.updated": (
        lambda each, by: services.change_thread(thread_id=each.pk, changes={"tags": ["vip"]}, actor=by),
        False,
    ),
    "thread.closed": (lambda each, by: services.close_thread(thread_id=each.pk, actor=by), False),
    "thread.reopened": (lambda each, by: services.reopen_thread(thread_id=each.pk, actor=by), False),
}
IMPOSSIBLE = {
    ("thread.updated", "ticket"), ("thread.closed", "ticket"), ("thread.reopened", "ticket"),
    ("message.created", "closed"), ("message.updated", "closed"), ("message.recalled", "closed"),
    ("thread.closed", "closed"), *(("thread.reopened", name) for name in HEARS["admin"] if name != "closed"),
}  # fmt: skip


@pytest.fixture
def ears(world):
    """The channels of everybody."""
    heard = {
        name: token_caller(api.token, facts_of({}, "")).channels() for name, api in world.callers.items()
    }
    visitors = {name: caller_of(world.visitors[name].pk).channels() for name in VISITOR_HEARS}
    return heard | visitors


@pytest.mark.parametrize("happens", EVENTS)
def test_who_hears_what_happens(world, ears, happens):
    make, for_visitors = EVENTS[happens]
    actor = factories.agent()
    for name in HEARS["admin"]:
        if (happens, name) in IMPOSSIBLE:
            continue
        make(world.threads[name], actor)
        type = happens if "." in happens else "message.created"
        audience = set(Event.objects.filter(type=type).latest("id").audience)
        for listener, channels in ears.items():
            grid = VISITOR_HEARS if listener in VISITOR_HEARS else HEARS
            expected = grid[listener][name] and (for_visitors or grid is HEARS)
            assert bool(audience & channels) == expected, (happens, name, listener, audience)


def test_who_hears_the_marks_of_a_visitor(world, ears):
    """Delivered and typing are whispers: they go to the audience of the thread."""
    for name in HEARS["admin"]:
        audience = set(heard_by(Thread.objects.get(pk=world.threads[name].pk)))
        for listener, channels in ears.items():
            expected = listener in HEARS and HEARS[listener][name]
            assert bool(audience & channels) == expected, (name, listener)


def test_what_happens_to_a_visitor_is_heard_by_who_sees_it(world, ears):
    for name in ("ann", "bob", "cara"):
        services.change_visitor(visitor_id=world.visitors[name].pk, changes={"phone": "1"})
        audience = set(Event.objects.filter(type="visitor.updated").latest("id").audience)
        for listener in SEES_VISITOR:
            expected = SEES_VISITOR[listener][name] and listener in READS
            assert bool(audience & ears[listener]) == expected, (name, listener)


def test_who_leaves_a_team_hears_nothing_more_of_it_on_the_stream_that_is_open(desk):
    team, boss = factories.team(), factories.admin()
    mate = factories.agent(teams=[team])
    talk = thread(team=team)

    def leave() -> None:
        services.send_message(thread=talk, visitor=talk.visitor, content="Before")
        settle()
        change_team(team_id=team.pk, changes={"members": []}, actor=boss)
        settle()
        services.send_message(thread=talk, visitor=talk.visitor, content="After")
        settle()

    stream = listen(desk.url, as_user(mate).token, leave, until=2, seconds=4, only="message.created")
    assert [event["data"]["content"] for event in stream.events] == ["Before"]
    assert as_user(mate).get(f"threads/{talk.pk}").status_code == 404
