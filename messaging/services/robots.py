"""Robots: made and changed by admins. None is deleted, for what it said stays; it may rest (not active)."""

import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem, field_error
from events.services import record
from messaging.models import Robot
from messaging.robots.responders import kinds

FIELDS = (
    "name", "nickname", "avatar", "welcome_text", "suggestions", "responder", "config", "team", "threshold",
    "offer_after", "hand_over_after", "active",
)  # fmt: skip
MOST_SUGGESTIONS = 5
LONGEST_WELCOME = 2_000
MOST_MISSES = 20


def create_robot(*, actor: User, **fields: Any) -> Robot:
    """Make a robot of FIELDS. Raises Problem `validation_failed` or `already_exists`."""
    robot = Robot(**{name: fields[name] for name in FIELDS if name in fields})
    _check(robot)
    with transaction.atomic():
        _save(robot, force_insert=True)
        _record("robot.created", robot, actor)
    return robot


def change_robot(*, robot_id: UUID, changes: Mapping[str, Any], actor: User) -> Robot:
    """Change what is named of FIELDS. Raises Problem `not_found`, `validation_failed` or `already_exists`."""
    with transaction.atomic():
        robot = Robot.objects.select_for_update(of=("self",)).filter(pk=robot_id).first()
        if robot is None:
            raise Problem("not_found")
        changed = [name for name in FIELDS if name in changes and changes[name] != getattr(robot, name)]
        for name in changed:
            setattr(robot, name, changes[name])
        _check(robot)
        if changed:
            robot.updated_at = timezone.now()
            _save(robot, update_fields=[*changed, "updated_at"])
            _record("robot.updated", robot, actor, changed=changed)
    return robot


def _check(robot: Robot) -> None:
    """Raise Problem `validation_failed` for what cannot be stored."""
    robot.name, robot.nickname = robot.name.strip(), robot.nickname.strip()
    robot.suggestions = [text.strip() for text in robot.suggestions if text.strip()]
    if robot.avatar and not robot.avatar.startswith(("https://", "http://", "/")):
        raise field_error("avatar", "invalid", "Expected an http(s) address or a path.")
    if len(robot.welcome_text) > LONGEST_WELCOME:
        raise field_error("welcome_text", "too_long", f"Expected at most {LONGEST_WELCOME} characters.")
    if len(robot.suggestions) > MOST_SUGGESTIONS:
        raise field_error("suggestions", "too_many", f"Expected at most {MOST_SUGGESTIONS}.")
    if not (math.isfinite(robot.threshold) and 0 <= robot.threshold <= 1):
        raise field_error("threshold", "invalid", "Expected 0 to 1.")
    if not 1 <= robot.offer_after <= MOST_MISSES:
        raise field_error("offer_after", "invalid", f"Expected 1 to {MOST_MISSES}.")
    if not 0 <= robot.hand_over_after <= MOST_MISSES:
        raise field_error("hand_over_after", "invalid", f"Expected 0 to {MOST_MISSES}.")
    kind = kinds().get(robot.responder)
    if kind is None:
        raise field_error("responder", "invalid_choice", f"Expected one of {', '.join(kinds())}.")
    if not isinstance(robot.config, dict):
        raise field_error("config", "invalid", "Expected an object.")
    if problem := kind.check(robot.config):
        raise field_error("config", "invalid", problem)
    try:
        robot.clean_fields()
    except ValidationError as error:
        field, problems = next(iter(error.error_dict.items()))
        detail = problems[0].messages[0]
        raise field_error(field, problems[0].code or "invalid", detail) from None


def _save(robot: Robot, **options: Any) -> None:
    try:
        with transaction.atomic():
            robot.save(**options)
    except IntegrityError:
        detail = "Another robot has this name."
        errors = [{"field": "name", "code": "already_exists", "detail": detail}]
        raise Problem("already_exists", detail, errors=errors) from None


def _record(type: str, robot: Robot, actor: User, **data: Any) -> None:
    shown = {"id": str(robot.pk), "name": robot.name, **data}
    record(type, object_id=robot.pk, audience=["settings/all"], actor=actor, data=shown)
