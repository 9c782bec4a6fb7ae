"""Somebody who may call: a user through a token, a tab, a session; with the rights of this moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts import audiences, roles
from accounts.models import User
from tokens import usage
from tokens.models import AccessToken
from tokens.origins import Facts


@dataclass(slots=True)
class Caller:
    """`request.auth` of every view. Effective right = scope ∩ the user's rights now ∩ the token's teams.

    `token_id` is None for a password session. `team_ids` are the teams whose work the caller sees;
    `limited` says that a token's team limit leaves nothing but these.
    """

    user: User
    token_id: UUID | None
    scopes: frozenset[str]
    team_ids: tuple[UUID, ...]
    limited: bool
    expires_at: datetime | None
    judge_again: Callable[[], "Caller"]
    rotated: bool = False
    session_id: UUID | None = None
    facts: Facts | None = None

    @property
    def user_id(self) -> UUID:
        return self.user.pk

    @property
    def present_as(self) -> UUID:
        """The user who is at work as long as a stream of this caller is open (events.listening)."""
        return self.user.pk

    @property
    def name(self) -> str:
        """Who this is, for the records of idempotency: `token:<id>` or `user:<id>`."""
        return f"token:{self.token_id}" if self.token_id else f"user:{self.user_id}"

    @property
    def sees_all(self) -> bool:
        """Whether the caller sees the work of all teams."""
        return roles.sees_everything(self.user.role) and not self.limited

    @property
    def is_admin(self) -> bool:
        return self.user.role == roles.ADMIN

    def token_shown(self) -> dict[str, Any] | None:
        """Return what the profile says of the token at hand (api.md); None for a session by password."""
        if self.token_id is None:
            return None
        name, entries = AccessToken.objects.values_list("name", "domains").get(pk=self.token_id)
        return {
            "name": name,
            "scopes": sorted(self.scopes),
            "domains": entries,
            "expiresAt": self.expires_at,
        }

    def allows(self, scope: str) -> bool:
        return scope in self.scopes

    def denied(self, scope: str) -> None:
        """Count that the caller was refused for want of a scope (api.permissions): the token's owner sees
        why.
        """
        if self.token_id and self.facts:
            usage.count(self.token_id, self.facts, "insufficient_scope", scope)

    def channels(self) -> frozenset[str]:
        """Return the channels of events that this caller may see."""
        return audiences.channels(
            scopes=self.scopes,
            user_id=self.user_id,
            team_ids=self.team_ids,
            sees_all=self.sees_all,
            limited=self.limited,
        )

    def recheck(self) -> "Caller":
        """Return the caller as it stands now. Raises the Problem that would refuse it today."""
        return self.judge_again()
