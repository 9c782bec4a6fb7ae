"""The objects that the examples of the schema speak of, under the ids that they have there."""

from uuid import UUID

from accounts.models import Team, User
from api.schema import EXAMPLES
from messaging.chat import credentials
from messaging.models import (
    Attachment,
    CannedReply,
    KnowledgeEntry,
    Message,
    Robot,
    Thread,
    ThreadParticipant,
    Visitor,
)
from messaging.robots.terms import terms_of
from tests import factories
from tests.conftest import Api
from tickets.models import Ticket


def build(caller: User) -> None:
    """Make one of everything, on which each example works."""
    ids = EXAMPLES
    user = factories.agent(username="colleague", email="colleague@example.com", nickname="Colleague")
    User.objects.filter(pk=user.pk).update(id=ids["user"])
    team = Team.objects.create(id=ids["team"], name="Support")
    team.members.add(ids["user"], caller)
    visitor = Visitor.objects.create(id=ids["visitor"], nickname="Ann", external_id="customer-1")
    thread = Thread.objects.create(
        id=ids["thread"],
        type="AGENT",
        agent=caller,
        team=team,
        visitor=visitor,
        last_seq=1,
        last_content="Hello",
    )
    Message.objects.create(id=ids["message"], thread=thread, seq=1, visitor=visitor, content="Hello")
    CannedReply.objects.create(id=ids["reply"], shortcut="bye", content="Bye {{visitor.nickname}}", team=team)
    Attachment.objects.create(
        id=ids["attachment"], name="note.txt", size=5, content_type="text/plain", key="nowhere", user=caller,
        visitor=visitor,
    )  # fmt: skip
    robot = Robot.objects.create(id=ids["robot"], name="helper", nickname="Helper", team=team)
    KnowledgeEntry.objects.create(
        id=ids["entry"],
        robot=robot,
        question="How do I return goods?",
        answer="In 30 days.",
        terms=list(terms_of("How do I return goods?")),
    )
    conversation = Thread.objects.create(type="TICKET", team=team, visitor=visitor)
    Ticket.objects.create(
        id=ids["ticket"], title="Parcel has not arrived", team=team, assignee=caller, requester=visitor,
        thread=conversation, tags=["delivery"],
    )  # fmt: skip
    row = factories.token_row(factories.token(caller, name="Portal", entries=["portal.example.com"]))
    type(row).objects.filter(pk=row.pk).update(id=ids["token"])


def caller(path: str, user: User) -> Api:
    """Return who calls an address: of the chat the visitor of the world, else an admin with a token."""
    is_chat = path.startswith("/api/chat/")
    return Api(credentials.issue(UUID(EXAMPLES["visitor"])) if is_chat else factories.token(user))


def before(operation: str) -> None:
    """Bring the world into the state that an operation is for."""
    if "Chat" in operation:
        states = {"postChatRate": "closed", "postChatOffline": "queued"}
        state = {"state": states[operation]} if operation in states else {}
        Thread.objects.filter(pk=EXAMPLES["thread"]).update(type="WORKGROUP", **state)
    if operation == "postChatHuman":
        robot = Robot.objects.create(name="Robo", nickname="Robo", team_id=EXAMPLES["team"])
        Thread.objects.filter(pk=EXAMPLES["thread"]).update(type="ROBOT", robot=robot, agent=None)
    if operation == "postTicketsTicketRestore":
        Ticket.objects.update(deleted_at="2026-11-01T00:00:00Z")
    elif operation == "postThreadsIdReopen":
        Thread.objects.update(state="closed", closed_at="2026-11-01T00:00:00Z")
    elif operation == "postThreadsIdAccept":
        Thread.objects.update(state="queued", agent=None)
    elif operation == "postThreadsIdLeave":
        talk = Thread.objects.get(pk=EXAMPLES["thread"])
        ThreadParticipant.objects.create(thread=talk, user=talk.agent)
        Thread.objects.update(participant_ids=[talk.agent_id])
    elif operation == "postThreadsIdRemove":
        talk = Thread.objects.get(pk=EXAMPLES["thread"])
        ThreadParticipant.objects.create(thread=talk, user_id=EXAMPLES["user"])
        Thread.objects.filter(pk=talk.pk).update(participant_ids=[EXAMPLES["user"]])
    elif operation in ("putMessagesId", "patchMessagesId", "postMessagesIdRecall"):
        Message.objects.update(visitor=None, user=Thread.objects.get(pk=EXAMPLES["thread"]).agent)
    elif operation == "postTokensTokenEnable":
        from tokens.models import AccessToken

        AccessToken.objects.filter(pk=EXAMPLES["token"]).update(state="disabled")
    elif operation == "deleteTeamsId":
        Ticket.objects.update(team=None)
        Robot.objects.update(team=None)
        Thread.objects.update(team=None)


def place(path: str) -> str:
    """Return the path of an operation with the ids of the world in it."""
    family = path.removeprefix("/api/").removeprefix("chat/").split("/")[0]
    known = {"tickets": "ticket", "users": "user", "teams": "team", "tokens": "token", "messages": "message",
             "threads": "thread", "visitors": "visitor", "replies": "reply",
             "attachments": "attachment", "robots": "robot", "knowledge": "entry"}  # fmt: skip
    named = EXAMPLES.get(known.get(family, ""), "general")
    head, brace, rest = path.partition("{")
    return head + named + rest.partition("}")[2] if brace else path
