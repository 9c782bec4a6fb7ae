"""Creating, changing and deleting teams, and who is in them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import policy, queries
from accounts.models import Routing, Team, User
from api.errors import Problem, field_error
from events.services import announce_access_change, record
from settings_app.services import checked_hours

FACTS = ("name", "description", "routing", "overflow_team", "overflow_seconds", "hours")
LONGEST_CHAIN = 20  # teams that a conversation may flow through


def create_team(
    *,
    name: str,
    description: str = "",
    members: Iterable[User | UUID] = (),
    actor: User | None = None,
    caller: Any = None,
    routing: str = Routing.LEAST_BUSY,
    overflow_team: Team | UUID | None = None,
    overflow_seconds: int = 0,
    hours: Mapping[str, Any] | None = None,
) -> Team:
    """Create a team; `routing, overflow_team, overflow_seconds` say how what waits there finds an agent,
    `hours` are its own opening hours (None: the desk's).

    Raises Problem `validation_failed`, `already_exists` or `role_not_permitted`.
    """
    team = Team(name=_checked_name(name), description=_checked_description(description))
    team.hours = checked_hours(hours, field="hours")
    with transaction.atomic():
        _set_routing(
            team,
            {"routing": routing, "overflow_team": overflow_team, "overflow_seconds": overflow_seconds},
        )
        people = _people(members)
        if caller is not None:
            policy.check_team_change(caller, people)
        _save(team, force_insert=True)
        _move(team, people, [])
        _record("team.created", team, actor, {"members": [str(user.pk) for user in people]})
    return team


def change_team(
    *,
    team_id: UUID,
    changes: Mapping[str, Any],
    actor: User | None = None,
    caller: Any = None,
    match: Callable[[str, Any], None] | None = None,
) -> Team:
    """Change a team's `name, description, members` (users or ids: the whole list), `routing, overflow_team,
    overflow_seconds`, `hours` (None: the desk's).

    Raises Problem `not_found`, `validation_failed`, `already_exists`, `role_not_permitted` or `conflict`.
    """
    with transaction.atomic():
        team = _locked(team_id)
        if match:
            shown = queries.team(team.pk)
            match(queries.etag(shown), shown)
        before = _facts(team)
        _set_routing(team, changes)
        if "name" in changes:
            team.name = _checked_name(changes["name"])
        if "description" in changes:
            team.description = _checked_description(changes["description"])
        if "hours" in changes:
            team.hours = checked_hours(changes["hours"], field="hours")
        joined: list[User] = []
        left: list[User] = []
        if "members" in changes:
            wanted = {user.pk: user for user in _people(changes["members"])}
            # Who is out of service is not shown among the members, so a list sent back must not lose them.
            current = {user.pk: user for user in team.members.filter(is_active=True)}
            joined = [user for pk, user in wanted.items() if pk not in current]
            left = [user for pk, user in current.items() if pk not in wanted]
        if caller is not None:
            policy.check_team_change(caller, [*joined, *left])
        after = _facts(team)
        if after != before or joined or left:
            _save(team, update_fields=[*FACTS, "updated_at"])
            _move(team, joined, left)
            moved = {"joined": [str(user.pk) for user in joined], "left": [str(user.pk) for user in left]}
            _record("team.updated", team, actor, {"old": before, "new": after, **moved})
    return team


def delete_team(
    *,
    team_id: UUID,
    actor: User | None = None,
    caller: Any = None,
    match: Callable[[str, Any], None] | None = None,
) -> None:
    """Delete a team that has no work. Raises Problem `not_found`, `role_not_permitted`, `conflict`,
    `invalid_state`.

    Its tickets and threads would otherwise belong to no team, where every agent sees them.
    """
    if caller is not None:
        policy.check_admin(caller)
    with transaction.atomic():
        team = _locked(team_id)
        if match:
            shown = queries.team(team.pk)
            match(queries.etag(shown), shown)
        for relation in Team._meta.related_objects:
            if (
                relation.one_to_many
                and relation.related_model is not Team  # what overflows here stays where it is then
                and relation.related_model._default_manager.filter(**{relation.field.name: team}).exists()
            ):
                raise Problem("invalid_state", "The team still has work; move it to another team first.")
        members = list(team.members.values_list("pk", flat=True))
        _record("team.deleted", team, actor, {})
        team.delete()
        for user_id in members:
            announce_access_change(f"user:{user_id}")


def _locked(team_id: UUID) -> Team:
    team = Team.objects.select_for_update().filter(pk=team_id).first()
    if team is None:
        raise Problem("not_found")
    return team


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise field_error("name", "invalid", "Expected 1 to 80 characters.")
    return name


def _checked_description(text: str) -> str:
    if len(text) > 300:
        raise field_error("description", "too_long", "Expected at most 300 characters.")
    return text


def _facts(team: Team) -> dict[str, Any]:
    """Return what events say of a team."""
    overflow = str(team.overflow_team_id) if team.overflow_team_id else None
    return {
        "name": team.name,
        "description": team.description,
        "routing": team.routing,
        "overflowTeam": overflow,
        "overflowSeconds": team.overflow_seconds,
        "hours": team.hours,
    }


def _set_routing(team: Team, changes: Mapping[str, Any]) -> None:
    """Take over what is said of routing. Raises Problem `validation_failed`."""
    if "routing" in changes:
        team.routing = changes["routing"]
        if team.routing not in Routing.values:
            raise field_error("routing", "invalid_choice", f"Expected one of {', '.join(Routing.values)}.")
    if "overflow_seconds" in changes:
        team.overflow_seconds = changes["overflow_seconds"]
        if not 0 <= team.overflow_seconds <= 86_400:
            raise field_error("overflowSeconds", "invalid", "Expected 0 (never) to 86400.")
    if "overflow_team" in changes:
        chosen = changes["overflow_team"]
        chosen = chosen.pk if isinstance(chosen, Team) else chosen
        team.overflow_team = Team.objects.filter(pk=chosen).first() if chosen else None
        if chosen and team.overflow_team is None:
            raise field_error("overflowTeam", "not_found", "There is no such team.")
        _check_chain(team)


def _check_chain(team: Team) -> None:
    """Raise Problem `validation_failed` where what flows over would come back."""
    following = team.overflow_team
    for _ in range(LONGEST_CHAIN):
        if following is None:
            return
        if following.pk == team.pk:
            break
        following = following.overflow_team
    raise field_error("overflowTeam", "invalid", "What flows over would come back to this team.")


def _people(members: Iterable[User | UUID]) -> list[User]:
    ids = {user.pk if isinstance(user, User) else user for user in members}
    found = list(User.objects.filter(pk__in=ids)) if ids else []
    if len(found) != len(ids):
        raise field_error("members", "not_found", "There is no such user.")
    return found


def _save(team: Team, **options: Any) -> None:
    team.updated_at = timezone.now()
    try:
        with transaction.atomic():
            team.save(**options)
    except IntegrityError:
        detail = "Another team has this name."
        raise Problem(
            "already_exists", detail, errors=[{"field": "name", "code": "already_exists", "detail": detail}]
        ) from None


def _move(team: Team, joined: list[User], left: list[User]) -> None:
    team.members.add(*joined)
    team.members.remove(*left)
    for user in (*joined, *left):
        announce_access_change(f"user:{user.pk}")


def _record(type: str, team: Team, actor: User | None, data: Mapping[str, Any]) -> None:
    record(
        type,
        object_id=team.pk,
        audience=["users/staff"],
        actor=actor,
        data={"id": str(team.pk), "name": team.name, **data},
    )
