"""Every read of robots and of what they know: their lists, one of them, and what visitors see of a robot."""

from typing import Any
from uuid import UUID

import orjson
from django.conf import settings

from accounts.queries import Found
from api.errors import Problem
from api.filters import Choice, Clause, Exactly, Id
from api.lists import Column, FastList
from messaging.models import KnowledgeEntry, Robot
from messaging.queries import etag

__all__ = ["KNOWLEDGE", "ROBOTS", "entry", "etag", "knowledge_visible_to", "robot", "robots_visible_to"]

NOBODY: Clause = ("FALSE", [])
YES_OR_NO = {"true": True, "false": False}


class FoundRobot(Found):
    """The text occurs in the name or the nickname."""


class FoundEntry(Found):
    """The text occurs in the question, another way to ask it, or the answer."""


ROBOTS = FastList(
    model=Robot,
    columns={
        "id": "id",
        "uid": "id",
        "name": "name",
        "nickname": "nickname",
        "avatar": "avatar",
        "active": "active",
        "welcomeText": "welcome_text",
        "suggestions": "suggestions",
        "responder": "responder",
        "config": Column("config", orjson.Fragment),
        "threshold": "threshold",
        "team": {"id": "team_id", "name": "team__name"},
        "offerAfter": "offer_after",
        "handOverAfter": "hand_over_after",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
    },
    filters={
        "active": Choice("active", YES_OR_NO),
        "responder": Exactly("responder"),
        "team": Id("team_id"),
        "q": FoundRobot("id", tuple(f'"messaging_robot"."{name}"' for name in ("name", "nickname"))),
    },
    orderings={"name": "name", "createdAt": "created_at", "updatedAt": "updated_at"},
    default="name",
)
ENTRY = '"messaging_knowledgeentry"."{}"'
KNOWLEDGE = FastList(
    model=KnowledgeEntry,
    columns={
        "id": "id",
        "uid": "id",
        "robot": {"id": "robot_id", "name": "robot__name"},
        "question": "question",
        "similar": "similar",
        "answer": "answer",
        "language": "language",
        "enabled": "enabled",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
    },
    filters={
        "robot": Id("robot_id"),
        "language": Choice("language", {code: code for code, _ in settings.LANGUAGES}),
        "enabled": Choice("enabled", YES_OR_NO),
        "q": FoundEntry(
            "id",
            (
                ENTRY.format("question"),
                f"array_to_string({ENTRY.format('similar')}, E'\\n')",
                ENTRY.format("answer"),
            ),
        ),
    },
    orderings={"createdAt": "created_at", "updatedAt": "updated_at"},
)


def robots_visible_to(caller: Any) -> list[Clause]:
    """Return what narrows robots to those a caller sees: all, for admins and supervisors whom no team
    limits, as for every setting that is not public; none for others.
    """
    return [] if caller.sees_all else [NOBODY]


def knowledge_visible_to(caller: Any) -> list[Clause]:
    """Return what narrows knowledge to what a caller sees: all of it, as of shared canned replies; nothing
    for tokens that are limited to teams. services.knowledge says the same of events.
    """
    return [NOBODY] if caller.limited else []


def robot(robot_id: UUID, caller: Any = None) -> dict[str, Any]:
    """Return one robot (without a caller: whoever may see it). Raises Problem `not_found`."""
    seen = robots_visible_to(caller) if caller else []
    return _found(ROBOTS.one(('"messaging_robot"."id" = %s', [robot_id]), *seen))


def entry(entry_id: UUID, caller: Any = None) -> dict[str, Any]:
    """Return one entry of the knowledge (without a caller: as robot). Raises Problem `not_found`."""
    seen = knowledge_visible_to(caller) if caller else []
    return _found(KNOWLEDGE.one((f"{ENTRY.format('id')} = %s", [entry_id]), *seen))


def robot_named(name: str) -> Robot | None:
    """Return the robot of an id or a name; without one the desk's oldest that works, else the oldest."""
    robots = Robot.objects.select_related("team")
    if not name:
        return robots.order_by("-active", "created_at").first()
    try:
        return robots.filter(pk=UUID(name)).first()
    except ValueError:
        return robots.filter(name__iexact=name).order_by("created_at").first()


def robot_shown(robot: Robot) -> dict[str, Any]:
    """Return how a robot presents itself to visitors who have not written yet."""
    return {
        "nickname": robot.nickname,
        "avatar": robot.avatar,
        "welcomeText": robot.welcome_text,
        "suggestions": robot.suggestions,
    }


def _found(shown: dict[str, Any] | None) -> dict[str, Any]:
    if shown is None:
        raise Problem("not_found")
    return shown
