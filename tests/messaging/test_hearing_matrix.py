"""Who hears what happens: role × conversation × event, by the tables of the permission matrix."""

from types import SimpleNamespace

import pytest

from accounts.services import change_team
from events.models import Event
from messaging import services
from messaging.chat.caller import caller_of
from messaging.models import Thread
from messaging.services.threads import heard_by
from tests import factories
from tests.messaging.conversations import as_user, thread
from tests.messaging.matrix import HEARS, READS, SEES_ENTRY, SEES_VISITOR, VISITOR_HEARS, make_world
from tests.messaging.robots import know
from tests.streams import listen, settle
from tokens.authentication import token_caller
from tokens.origins import facts_of


@pytest.fixture
def world(db) -> SimpleNamespace:
    return make_world()


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
    ("thread.closed", "closed"), ("thread.closed", "group"),
    *(("thread.reopened", name) for name in HEARS["admin"] if name != "closed"),
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


def test_what_happens_to_knowledge_is_heard_by_who_sees_it(world, ears):
    know("Do you sell boats?", "No.")
    audience = set(Event.objects.filter(type="knowledge.created").latest("id").audience)
    for listener in SEES_ENTRY:
        expected = SEES_ENTRY[listener]["entry"] and listener in READS
        assert bool(audience & ears[listener]) == expected, listener
    assert not any(audience & ears[listener] for listener in VISITOR_HEARS)


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
