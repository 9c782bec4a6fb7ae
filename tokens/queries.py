"""Every read of tokens: the list, one token with its use, and why it was refused."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from api.filters import Clause, Exactly, Id, Moment, refuse
from api.lists import Expression, FastList
from api.permissions import require
from events.models import Event
from tokens.models import AccessToken, DailyUse, State

TABLE = '"tokens_accesstoken"'
STATES = (*State.values, "expired", "used")
# The same decision as AccessToken.state_at.
PUBLIC_STATE = """CASE
    WHEN {state} IN ('revoked', 'disabled') THEN {state}
    WHEN {state} = 'active' AND {expires_at} <= statement_timestamp() THEN 'expired'
    WHEN {used_at} IS NOT NULL AND {expires_at} > statement_timestamp() THEN 'used'
    ELSE {state} END"""
STATE_SQL = re.sub(r"\{(\w+)\}", TABLE + r".\1", PUBLIC_STATE)
LONG_LIVED: Clause = (f"{TABLE}.surface = ''", [])  # one-time tokens would bury the others
DENIALS = ("token.denied", "token.domain_denied", "token.scope_denied", "token.handoff_denied")


@dataclass(frozen=True)
class StateIs:
    """One or several states as a person names them: `state=active,expired`."""

    path: str = "state"

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        wanted = text.split(",")
        if not set(wanted) <= set(STATES):
            raise refuse(name, text, f"one or several of {', '.join(STATES)}")
        return f"({STATE_SQL}) = ANY(%s)", [wanted]


def person(path: str) -> dict[str, str]:
    names = {
        "id": "_id",
        "uid": "_id",
        "username": "__username",
        "nickname": "__nickname",
        "email": "__email",
    }
    return {name: path + column for name, column in names.items()}


TOKENS = FastList(
    model=AccessToken,
    columns={
        "id": "id",
        "uid": "id",
        "name": "name",
        "hint": "hint",
        "user": person("user"),
        "scopes": "scopes",
        "teams": "team_ids",
        "domains": "domains",
        "allowNoOrigin": "allow_no_origin",
        "allowedIps": "allowed_ips",
        "state": Expression(PUBLIC_STATE),
        "createdAt": "created_at",
        "updatedAt": "updated_at",
        "createdBy": person("created_by"),
        "expiresAt": "expires_at",
        "graceUntil": "grace_until",
        "lastUsedAt": "last_used_at",
        "lastUsedIp": "last_used_ip",
        "lastUsedOrigin": "last_used_origin",
        "family": "family",
        "parent": "parent_id",
        "surface": "surface",
        "usedAt": "used_at",
        "revokedAt": "revoked_at",
        "revokedReason": "revoked_reason",
    },
    filters={
        "state": StateIs(),
        "user": Id("user_id", me=True),
        "name": Exactly("name"),
        "hint": Exactly("hint"),
        "family": Id("family"),
        "created_after": Moment("created_at", ">="),
        "created_before": Moment("created_at", "<"),
        "expires_after": Moment("expires_at", ">="),
        "expires_before": Moment("expires_at", "<"),
    },
    orderings={"createdAt": "created_at", "expiresAt": "expires_at"},
)


def visible_to(caller: Any, *, change: bool = False) -> list[Clause]:
    """Return what narrows tokens to those a caller may see, or change: its user's own, or all.

    Raises Problem `insufficient_scope`, naming tokens:self, for a caller that may do neither.
    """
    if caller.allows("tokens:write" if change else "tokens:read"):
        return []
    require(caller, "tokens:self")
    return [(f"{TABLE}.user_id = %s", [caller.user_id])]


def token(token_id: UUID, *where: Clause) -> dict[str, Any] | None:
    """Return one token as the API shows it, or None where the clauses hide it."""
    return TOKENS.one((f"{TABLE}.id = %s", [token_id]), *where)


def etag(shown: dict[str, Any]) -> str:
    """Return the ETag of a token as the API shows it; last use is no change of it."""
    return f'"{shown["updatedAt"]:%Y%m%d%H%M%S%f}"'


def use_by_day(token_id: UUID, days: int = 30) -> list[dict[str, Any]]:
    """Return uses and refusals per day of the last days, oldest first; days without any are left out."""
    first = timezone.now().date() - timedelta(days=days - 1)
    found: dict[Any, dict[str, Any]] = {}
    rows = DailyUse.objects.filter(token_id=token_id, day__gte=first).order_by("day", "origin", "result")
    for use in rows:
        day = found.setdefault(use.day, {"day": use.day, "ok": 0, "denied": 0, "origins": []})
        day["ok" if use.result == "ok" else "denied"] += use.count
        day["origins"].append({"origin": use.origin, "result": use.result, "count": use.count})
    return list(found.values())


def newest_denials(token_id: UUID, limit: int = 20) -> list[dict[str, Any]]:
    """Return why the token was refused lately, newest first; each reason and origin at most once a minute."""
    events = Event.objects.filter(object_id=str(token_id), type__in=DENIALS).order_by("-id")[:limit]
    return [
        {
            "at": event.at,
            "code": event.data.get("code", ""),
            "origin": event.data.get("origin", event.origin),
            "ip": event.data.get("ip", event.ip),
            **({"scope": event.data["scope"]} if "scope" in event.data else {}),
        }
        for event in events
    ]


def use(token_id: UUID) -> dict[str, Any]:
    """Return what `GET /api/tokens/{id}` adds: use per day of 30 days, and the newest denials."""
    return {"days": use_by_day(token_id), "denials": newest_denials(token_id)}
