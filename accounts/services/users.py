"""Creating, changing and deactivating users."""

import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import policy, queries
from accounts.models import Presence, Team, User
from accounts.roles import ADMIN, AGENT, ROLES
from accounts.services.passwords import check_password_rules, set_password
from accounts.services.presence import set_status
from accounts.skills import checked_skills
from api.errors import Problem, field_error
from events.services import announce_access_change, record
from settings_app.queries import setting

Match = Callable[[str, Any], None]  # judges If-Match against an ETag and the object as it stands (api.views)
PLAIN = (
    "username", "email", "nickname", "avatar", "role", "language", "timezone", "capacity", "skills",
    "is_active",
)  # fmt: skip
PUBLIC = {"is_active": "active"}  # names of the API where they differ from the columns'
MOST_CHATS = 1000  # at once
RIGHTS = frozenset({"role", "is_active", "teams"})  # a change of these is judged again on every stream


def create_user(
    *,
    username: str,
    role: str = AGENT,
    password: str | None = None,
    teams: Iterable[Team | UUID] = (),
    actor: User | None = None,
    **fields: Any,
) -> User:
    """Create a user; without a password only tokens sign it in. An empty nickname becomes the username, no
    capacity that of the setting chat.agentCapacity.

    Raises Problem `validation_failed` or `already_exists`.
    """
    fields.setdefault("capacity", setting("chat", "agentCapacity"))
    user = User(username=User.normalize_username(username), role=role, **fields)
    user.nickname = user.nickname.strip() or user.username[:80]
    _check(user, only={*PLAIN, "status"})
    if password is not None:
        check_password_rules(password, user)
    user.set_password(password)
    with transaction.atomic():
        chosen = _teams(teams)
        _save(user, force_insert=True)
        user.teams.set(chosen)
        record(
            "user.created",
            object_id=user.pk,
            audience=["users/staff"],
            actor=actor,
            data={"id": str(user.pk), "username": user.username, "role": user.role},
        )
    return user


def change_user(
    *,
    user_id: UUID,
    changes: Mapping[str, Any],
    actor: User | None = None,
    caller: Any = None,
    match: Match | None = None,
) -> User:
    """Change a user's `username, email, nickname, avatar, role, language, timezone, capacity, skills,
    is_active, teams, status, password`.

    `teams` are teams or their ids. With a `caller` accounts.policy decides; without one the desk itself
    changes. Raises Problem `not_found`, `validation_failed`, `already_exists`, `role_not_permitted`,
    `conflict`, and `invalid_state` where nobody would be left to administer the desk.
    """
    with transaction.atomic():
        user = _locked(user_id)
        if match:
            shown = queries.user(user.pk)
            match(queries.etag(shown), shown)
        before = {name: getattr(user, name) for name in PLAIN}
        for name in PLAIN:
            if name in changes:
                setattr(user, name, changes[name])
        user.username = User.normalize_username(user.username)
        user.nickname = user.nickname.strip() or user.username[:80]
        user.skills = checked_skills(user.skills)
        changed = {name for name in PLAIN if getattr(user, name) != before[name]}
        old_teams = set(user.teams.values_list("pk", flat=True)) if "teams" in changes else set()
        chosen = _teams(changes["teams"]) if "teams" in changes else []
        if "teams" in changes and {team.pk for team in chosen} != old_teams:
            changed.add("teams")
        others = {name for name in ("status",) if name in changes and changes[name] != user.status}
        others |= {"password"} & set(changes)
        if caller is not None:
            target = User(pk=user.pk, role=before["role"])
            policy.check_changes(caller, target, changed | others, user.role)
        if changed & {"role", "is_active"}:
            _check_desk_stays_administered(user, before, actor)
        if changed:
            _check(user, only=changed)
            _save(user, update_fields=[*(changed - {"teams"}), "updated_at"])
            if "teams" in changed:
                user.teams.set(chosen)
            _record_change(user, changed, before, actor)
        if "status" in others:
            set_status(user=user, status=changes["status"], actor=actor)
        if "password" in others:
            set_password(user=user, password=changes["password"], actor=actor)
        if "is_active" in changed and not user.is_active:
            set_status(user=user, status=Presence.OFFLINE, actor=actor)
    return user


def deactivate_user(
    *, user_id: UUID, actor: User | None = None, caller: Any = None, match: Match | None = None
) -> User:
    """Take a user out of service; tickets, messages and events keep the name. Raises Problem as
    change_user.
    """
    if caller is not None:
        policy.check_admin(caller)
    return change_user(user_id=user_id, changes={"is_active": False}, actor=actor, caller=caller, match=match)


def _locked(user_id: UUID) -> User:
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise Problem("not_found")
    return user


def _check_desk_stays_administered(user: User, before: Mapping[str, Any], actor: User | None) -> None:
    """Nobody deactivates or demotes himself, nor the last active admin."""
    loses = not user.is_active or (before["role"] == ADMIN and user.role != ADMIN)
    if not loses:
        return
    if actor is not None and actor.pk == user.pk:
        raise Problem("invalid_state", "Nobody can deactivate or demote himself.")
    if before["role"] == ADMIN and before["is_active"]:
        # One at a time, so that of two admins who demote each other at once one is refused.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.last_admin'))")
        if not User.objects.filter(role=ADMIN, is_active=True).exclude(pk=user.pk).exists():
            raise Problem("invalid_state", "This is the last admin.")


def _check(user: User, *, only: Iterable[str] = PLAIN) -> None:
    """Raise Problem for the first fields that cannot be stored."""
    names = set(only)
    if "role" in names and user.role not in ROLES:
        raise field_error("role", "invalid", f"Expected one of {', '.join(ROLES)}.")
    if "language" in names and user.language and user.language not in dict(settings.LANGUAGES):
        raise field_error("language", "invalid", f"Expected one of {', '.join(dict(settings.LANGUAGES))}.")
    if "capacity" in names and not 0 <= user.capacity <= MOST_CHATS:
        raise field_error("capacity", "invalid", f"Expected 0 to {MOST_CHATS}.")
    if "skills" in names:
        user.skills = checked_skills(user.skills)
    if "timezone" in names and user.timezone and not _is_timezone(user.timezone):
        raise field_error("timezone", "invalid", "Expected the name of a time zone such as Asia/Shanghai.")
    if "avatar" in names and user.avatar and not user.avatar.startswith(("https://", "http://", "/")):
        raise field_error("avatar", "invalid", "Expected an http(s) address or a path.")
    skipped = {field.name for field in User._meta.get_fields()} - names
    try:
        user.clean_fields(exclude=skipped)
    except ValidationError as error:
        errors = [
            {
                "field": PUBLIC.get(field, field),
                "code": each.code or "invalid",
                "detail": " ".join(each.messages),
            }
            for field, problems in error.error_dict.items()
            for each in problems
        ]
        raise Problem("validation_failed", errors[0]["detail"], errors=errors) from None


def _is_timezone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a path outside, a folder of zones, an unknown name
        return False
    return True


def _save(user: User, **options: Any) -> None:
    """Save, and say which name is taken: the unique indexes decide, also between two at once."""
    user.updated_at = timezone.now()
    try:
        with transaction.atomic():
            user.save(**options)
    except IntegrityError as error:
        field = "email" if "email" in str(error) else "username"
        raise Problem(
            "already_exists",
            f"Another user has this {field}.",
            errors=[{"field": field, "code": "already_exists", "detail": f"Another user has this {field}."}],
        ) from None


def _teams(teams: Iterable[Team | UUID]) -> list[Team]:
    ids = {team.pk if isinstance(team, Team) else team for team in teams}
    found = list(Team.objects.filter(pk__in=ids)) if ids else []
    if len(found) != len(ids):
        raise field_error("teams", "not_found", "There is no such team.")
    return found


def _record_change(user: User, changed: set[str], before: Mapping[str, Any], actor: User | None) -> None:
    """Record what changed; moving somebody's rights also makes streams and sessions look again."""
    plain = [name for name in PLAIN if name in changed]
    record(
        "user.updated",
        object_id=user.pk,
        audience=["users/staff"],
        actor=actor,
        data={
            "id": str(user.pk),
            "username": user.username,
            "changed": sorted(PUBLIC.get(name, name) for name in changed),
            "old": {PUBLIC.get(name, name): before[name] for name in plain},
            "new": {PUBLIC.get(name, name): getattr(user, name) for name in plain},
        },
    )
    if changed & RIGHTS:
        announce_access_change(f"user:{user.pk}")
