"""The tables of the permission matrix, and everybody and everything they are about."""

from types import SimpleNamespace

from messaging import services
from messaging.chat import credentials
from messaging.models import Attachment
from tests import factories
from tests.conftest import Api
from tests.messaging.conversations import as_user, thread, visitor
from tests.messaging.robots import know, robot


def table(text: str) -> dict[str, dict[str, bool]]:
    """Return {row: {column: whether there is a y}}."""
    head, *rows = [line.split() for line in text.strip().splitlines()]
    return {name: dict(zip(head, (mark == "y" for mark in marks), strict=True)) for name, *marks in rows}


# mate is an agent of the team "ours", other of "theirs", loner of none. limited is an admin's token that is
# limited to "theirs"; reader and writer are tokens of mate without messages:write and messages:read.
# own: AGENT, of mate, in "theirs". ours, theirs: WORKGROUP. noteam: AGENT, of other. member: two others.
# group: of mate and one of them. ticket: in "ours". hidden, closed: WORKGROUP in "ours". ann is the visitor
# of all that have one, but for theirs.
SEES = table("""
               own ours noteam theirs member group ticket hidden closed
    admin       y   y     y      y      -      -      y      -      y
    supervisor  y   y     y      y      -      -      y      -      y
    mate        y   y     y      -      -      y      y      -      y
    other       y   -     y      y      -      -      -      -      -
    loner       -   -     y      -      -      -      -      -      -
    limited     y   -     -      y      -      -      -      -      -
    reader      y   y     y      -      -      y      y      -      y
    writer      y   y     y      -      -      y      y      -      y
""")


# What one has heard of is what one sees; who may not read hears nothing; ann hears what is public.
HEARS = table("""
               own ours noteam theirs member group ticket closed
    admin       y   y     y      y      -      -      y      y
    supervisor  y   y     y      y      -      -      y      y
    mate        y   y     y      -      -      y      y      y
    other       y   -     y      y      -      -      -      -
    loner       -   -     y      -      -      -      -      -
    limited     y   -     -      y      -      -      -      -
    reader      y   y     y      -      -      y      y      y
    writer      -   -     -      -      -      -      -      -
""")


VISITOR_HEARS = table("""
               own ours noteam theirs member group ticket closed
    ann         y   y     y      -      -      -      -      y
    bob         -   -     -      y      -      -      -      -
    stranger    -   -     -      -      -      -      -      -
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
# Robots are settings: for admins and supervisors. Knowledge is like shared canned replies.
SEES_ROBOT = table("""
               robot
    admin        y
    supervisor   y
    mate         -
    other        -
    loner        -
    limited      -
    reader       -
    writer       -
""")


SEES_ENTRY = table("""
               entry
    admin        y
    supervisor   y
    mate         y
    other        y
    loner        y
    limited      -
    reader       y
    writer       y
""")
READS = {"admin", "supervisor", "mate", "other", "loner", "limited", "reader"}


def make_world() -> SimpleNamespace:
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
        "group": services.begin_group(topic="Lunch", members=[mate], actor=two[0]),
        "ticket": thread(type="TICKET", visitor=ann, team=ours),
        "hidden": thread(visitor=ann, team=ours),
        "closed": thread(visitor=ann, team=ours),
    }
    thread(visitor=cara, team=ours)
    messages = {}
    for name, each in threads.items():
        sender = {"user": two[0]} if name in ("member", "group") else {"visitor": each.visitor}
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
        robots={"robot": robot().pk},
        entries={"entry": know("Where is my parcel?", "On its way.").pk},
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
