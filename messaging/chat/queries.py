"""What a visitor sees: its current conversation and the public messages of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from messaging.files import shown as files
from messaging.files.taken import taken
from messaging.models import CHATS, Message, Robot, Thread, ThreadState, ThreadType, Visibility, Visitor
from messaging.queue_queries import place_and_estimate
from messaging.robots.queries import robot_shown
from settings_app.queries import setting

PAGE = 50
# The parameter `t` of a chat's address.
KINDS = {"0": ThreadType.AGENT, "1": ThreadType.WORKGROUP, "2": ThreadType.ROBOT}


def current_thread(visitor_id: UUID, type: str) -> Thread | None:
    """Return a visitor's newest conversation with an agent (AGENT), with a team (WORKGROUP), or one that
    began with a robot (ROBOT), whoever has it now; or None.
    """
    found = Thread.objects.filter(visitor_id=visitor_id, hidden_at=None)
    if type == ThreadType.ROBOT:
        found = found.filter(robot__isnull=False).exclude(type=ThreadType.TICKET)
    else:
        found = found.filter(type=type, robot=None)
    return found.select_related("agent", "team", "robot").order_by("-created_at").first()


def thread_shown(thread: Thread) -> dict[str, Any]:
    """Return a conversation as its visitor sees it."""
    agent, team = thread.agent, thread.team
    waits = thread.state == ThreadState.QUEUED
    position, estimate = place_and_estimate(thread) if waits else (None, None)
    read = thread.read_marks.filter(user_id=thread.agent_id).aggregate(seq=Max("seq"))["seq"]
    return {
        "id": thread.pk,
        "uid": thread.pk,
        "state": thread.state,
        "agent": {"nickname": agent.shown_name, "avatar": agent.avatar} if agent else None,
        "team": {"name": team.name} if team else None,
        "robot": _face(thread.robot) if thread.type == ThreadType.ROBOT else None,
        "position": position,
        "estimateSeconds": estimate,
        "lastSeq": thread.last_seq,
        "readSeq": thread.visitor_read_seq,
        "agentReadSeq": read or 0,
        "rating": thread.rating,
    }


def _face(robot: Robot | None) -> dict[str, str] | None:
    return {"nickname": robot.nickname, "avatar": robot.avatar} if robot else None


def messages(
    thread_id: UUID, *, after: int | None, before: int | None, limit: int = PAGE
) -> list[dict[str, Any]]:
    """Return public messages of a thread by seq: those after a seq, or the last ones (before a seq)."""
    found = Message.objects.filter(thread_id=thread_id, visibility=Visibility.PUBLIC)
    found = found.select_related("user", "visitor", "robot", "attachment")
    if after is not None:
        return [message_shown(each) for each in found.filter(seq__gt=after).order_by("seq")[:limit]]
    if before is not None:
        found = found.filter(seq__lt=before)
    return [message_shown(each) for each in reversed(found.order_by("-seq")[:limit])]


def message_shown(message: Message) -> dict[str, Any]:
    """Return a message as the visitor sees it."""
    who = message.user or message.visitor or message.robot
    recalled = message.recalled_at is not None
    return {
        "id": message.pk,
        "uid": message.pk,
        "thread": message.thread_id,
        "seq": message.seq,
        "clientId": message.client_id,
        "type": message.type,
        "content": "" if recalled else message.content,
        "attachment": files.of_row(getattr(message, "attachment", None)),
        "card": message.card,
        "createdAt": message.created_at,
        "editedAt": message.edited_at,
        "recalledAt": message.recalled_at,
        "suggestions": message.suggestions,
        "user": {
            "id": who.pk,
            "nickname": message.user.shown_name if message.user else who.nickname,
            "avatar": who.avatar,
            "type": "agent" if message.user_id else "robot" if message.robot_id else "visitor",
        }
        if who
        else None,
    }


def is_of(visitor_id: UUID, message_id: UUID) -> bool:
    """Whether a message is one that a visitor reads: public, in a conversation of its own."""
    found = Message.objects.filter(pk=message_id, visibility=Visibility.PUBLIC, recalled_at=None)
    return found.filter(
        thread__visitor_id=visitor_id, thread__type__in=CHATS, thread__hidden_at=None
    ).exists()


def visitor_shown(visitor: Visitor) -> dict[str, Any]:
    """Return what a visitor's own page needs to know of it."""
    return {
        "id": visitor.pk,
        "uid": visitor.pk,
        "nickname": visitor.nickname,
        "avatar": visitor.avatar,
        "verified": visitor.verified_at is not None,
    }


def desk_shown(
    *, online: bool, opens_at: datetime | None, closed_text: str, robot: Robot | None = None
) -> dict[str, Any]:
    """Return how the desk presents itself to visitors (settings), whether somebody is there for them, and the
    robot that a chat begins with.
    """
    return {
        "name": setting("general", "deskName"),
        "logoUrl": setting("branding", "logoUrl"),
        "accentColor": setting("branding", "accentColor"),
        "welcomeText": setting("chat", "welcomeText"),
        "files": taken(),
        "online": online,
        "opensAt": opens_at,
        "closedText": closed_text,
        "robot": robot_shown(robot) if robot and robot.active else None,
    }
