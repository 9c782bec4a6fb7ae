"""Every read of people and teams: the lists, one object, and their ETags."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from accounts.models import Presence, Team, User
from accounts.roles import ROLES
from api.errors import Problem
from api.filters import Choice, Clause, Exactly, Id, like, refuse
from api.lists import Column, Expression, FastList

TEAMS_OF_USER = """(
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) ORDER BY t.name), '[]'::jsonb)
    FROM accounts_user_teams m JOIN accounts_team t ON t.id = m.team_id WHERE m.user_id = {id})"""
MEMBERS_OF_TEAM = """(
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'uid', u.id, 'username', u.username,
        'nickname', u.nickname, 'avatar', u.avatar, 'status', u.status) ORDER BY u.username), '[]'::jsonb)
    FROM accounts_user_teams m JOIN accounts_user u ON u.id = m.user_id
    WHERE m.team_id = {id} AND u.is_active)"""


@dataclass(frozen=True)
class InTeam(Id):
    """Users who are in one of these teams; `none` finds those in no team."""

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        members = f"SELECT 1 FROM accounts_user_teams m WHERE m.user_id = {column}"
        if text == "none":
            return f"NOT EXISTS ({members})", []
        within, params = super().clause(name, "m.team_id", text, caller)
        return f"EXISTS ({members} AND {within})", params


@dataclass(frozen=True)
class Found:
    """Rows in one of whose columns the text occurs; for tables of people, which are small."""

    path: str
    columns: tuple[str, ...]

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        text = text.strip()
        if not 1 <= len(text) <= 200:
            raise refuse(name, text, "1 to 200 characters")
        return " OR ".join(f"{each} ILIKE %s" for each in self.columns), [like(text)] * len(self.columns)


USERS = FastList(
    model=User,
    columns={
        "id": "id",
        "uid": "id",
        "username": "username",
        "email": "email",
        "nickname": "nickname",
        "avatar": "avatar",
        "roles": Column("role", lambda role: [role]),
        "teams": Expression(TEAMS_OF_USER, orjson.Fragment),
        "status": "status",
        "statusAt": "status_at",
        "capacity": "capacity",
        "skills": "skills",
        "language": "language",
        "timezone": "timezone",
        "active": "is_active",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
    },
    filters={
        "role": Choice("role", {role: role for role in ROLES}),
        "status": Choice("status", {status: status for status in Presence.values}),
        "active": Choice("is_active", {"true": True, "false": False}),
        "team": InTeam("id"),
        "username": Exactly("username"),
        "q": Found("id", tuple(f'"accounts_user"."{name}"' for name in ("username", "nickname", "email"))),
    },
    orderings={"createdAt": "created_at", "updatedAt": "updated_at", "username": "username"},
)
TEAMS = FastList(
    model=Team,
    columns={
        "id": "id",
        "uid": "id",
        "name": "name",
        "description": "description",
        "members": Expression(MEMBERS_OF_TEAM, orjson.Fragment),
        "routing": "routing",
        "overflowTeam": {"id": "overflow_team_id", "name": "overflow_team__name"},
        "overflowSeconds": "overflow_seconds",
        "hours": Column("hours", lambda hours: hours and orjson.Fragment(hours)),
        "createdAt": "created_at",
        "updatedAt": "updated_at",
    },
    filters={
        "q": Found("id", ('"accounts_team"."name"', '"accounts_team"."description"')),
    },
    orderings={"name": "name", "createdAt": "created_at", "updatedAt": "updated_at"},
    default="name",
)


def user(user_id: UUID) -> dict[str, Any]:
    """Return one user as the API shows it. Raises Problem `not_found`."""
    return _found(USERS.one(('"accounts_user"."id" = %s', [user_id])))


def team(team_id: UUID) -> dict[str, Any]:
    """Return one team as the API shows it. Raises Problem `not_found`."""
    return _found(TEAMS.one(('"accounts_team"."id" = %s', [team_id])))


def etag(shown: Mapping[str, Any]) -> str:
    """Return the ETag of an object that has `updatedAt`: every service that changes one moves that time."""
    return f'"{int(shown["updatedAt"].timestamp() * 1_000_000):x}"'


def _found(shown: dict[str, Any] | None) -> dict[str, Any]:
    if shown is None:
        raise Problem("not_found")
    return shown
