"""Which robot a chat's address names, and what its visitors see of it."""

from typing import Any
from uuid import UUID

from messaging.models import Robot


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
