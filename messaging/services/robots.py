"""Robots: made and changed by admins. None is deleted, for what it said stays; it may rest (not active)."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Team, User
from api.errors import Problem, field_error
from events.services import record
from messaging.models import Robot
from messaging.robots import queries
from messaging.robots.responders import kinds

FIELDS = (
    "name", "nickname", "avatar", "welcome_text", "suggestions", "responder", "config", "team", "threshold",
    "offer_after", "hand_over_after", "active",
)  # fmt: skip
MOST_SUGGESTIONS = 5
LONGEST_WELCOME = 2_000
MOST_MISSES = 20
LONGEST_CONFIG = 20_000  # bytes
SECRET = re.compile(
    r"(?:.*(?:[-_. ]|(?<=[a-z0-9])(?=[A-Z])))?(?i:api[-_]?key|key|secret|token|password|authorization)"
)


Match = Callable[[str, Any], None]


def create_robot(*, actor: User, caller: Any = None, **fields: Any) -> Robot:
    """Make a robot of FIELDS, a team by its row or id. `caller` is whose limits count (None: an admin's
    page).

    Raises Problem `validation_failed`, `already_exists` or `role_not_permitted`.
    """
    if caller is not None and not caller.sees_all:
        raise Problem("role_not_permitted", "This token is limited to its teams' work.")
    robot = Robot(**_values(fields))
    _check(robot)
    with transaction.atomic():
        _save(robot, force_insert=True)
        _record("robot.created", robot, actor)
    return robot


def change_robot(
    *,
    robot_id: UUID,
    changes: Mapping[str, Any],
    actor: User,
    caller: Any = None,
    match: Match | None = None,
) -> Robot:
    """Change what is named of FIELDS, as create_robot takes them.

    Raises Problem `not_found`, `validation_failed`, `already_exists`, `role_not_permitted` or `conflict`.
    """
    if caller is not None and not caller.sees_all:
        raise Problem("not_found")
    changes = _values(changes)
    with transaction.atomic():
        robot = Robot.objects.select_for_update(of=("self",)).filter(pk=robot_id).first()
        if robot is None:
            raise Problem("not_found")
        if match:
            shown = queries.robot(robot.pk)
            match(queries.etag(shown), shown)
        changed = [name for name in FIELDS if name in changes and changes[name] != getattr(robot, name)]
        for name in changed:
            setattr(robot, name, changes[name])
        _check(robot, config=bool({"responder", "config"} & set(changed)))
        if changed:
            robot.updated_at = timezone.now()
            _save(robot, update_fields=[*changed, "updated_at"])
            _record("robot.updated", robot, actor, changed=changed)
    return robot


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is named of FIELDS, with the team's row. Raises Problem `validation_failed`."""
    values = {name: given[name] for name in FIELDS if name in given}
    if isinstance(values.get("team"), UUID):
        values["team"] = Team.objects.filter(pk=values["team"]).first()
        if values["team"] is None:
            raise field_error("team", "not_found", "There is no such team.")
    return values


def _check(robot: Robot, *, config: bool = True) -> None:
    """Raise Problem `validation_failed` for what cannot be stored.

    Without `config`, responder and config are as they were stored: a robot of older rules, or of a responder
    that is no more, can still be switched off.
    """
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
    if config:
        _check_config(robot)
    try:
        robot.clean_fields()
    except ValidationError as error:
        field, problems = next(iter(error.error_dict.items()))
        detail = problems[0].messages[0]
        raise field_error(field, problems[0].code or "invalid", detail) from None


def _check_config(robot: Robot) -> None:
    kind = kinds().get(robot.responder)
    if kind is None:
        raise field_error("responder", "invalid_choice", f"Expected one of {', '.join(kinds())}.")
    if not isinstance(robot.config, dict):
        raise field_error("config", "invalid", "Expected an object.")
    if problem := _config_problem(robot.config) or kind.check(robot.config):
        raise field_error("config", "invalid", problem)


def _config_problem(config: Mapping[str, Any]) -> str:
    """Return what no responder's settings may hold, or ""."""
    try:
        stored = orjson.dumps(config)
    except (TypeError, ValueError):
        return "expected JSON."
    if len(stored) > LONGEST_CONFIG or b"\\u0000" in stored:
        return f"expected at most {LONGEST_CONFIG} bytes of text."
    # Whoever may read settings reads these, and so does each dump of the database.
    if secret := next(filter(SECRET.fullmatch, names_in(config)), ""):
        return f"{secret}: a secret belongs in the environment."
    return ""


def names_in(value: Any) -> Iterator[str]:
    """Yield the names of all members of a JSON value, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


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
