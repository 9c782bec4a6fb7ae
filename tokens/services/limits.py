"""A token never issues, edits or rotates a token that can do more than itself (tokens.md section 1)."""

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.errors import Problem, field_error
from tokens import domains
from tokens.models import AccessToken

BEYOND = "beyond_token"  # errors[].code of a field that would give more than the caller's own token has
RANK = {"https": 0, None: 1, "http": 2}  # which schemes an entry admits; each admits those of a lower rank


@dataclass(frozen=True)
class Limits:
    """What the caller's own token can do, at this moment."""

    row: AccessToken
    scopes: frozenset[str]

    @property
    def ends(self) -> datetime:
        return min(filter(None, (self.row.expires_at, self.row.grace_until)))

    def check(
        self,
        *,
        scopes: Iterable[str],
        team_ids: Sequence[UUID],
        entries: Sequence[str],
        allow_no_origin: bool,
        allowed_ips: Sequence[str],
        expires_at: datetime,
    ) -> None:
        """Raise Problem `validation_failed` naming the first field that would exceed the caller's token."""
        own = self.row
        if more := set(scopes) - self.scopes:
            raise field_error("scopes", BEYOND, f"Your own token lacks {', '.join(sorted(more))}.")
        if own.team_ids and not (team_ids and set(team_ids) <= set(own.team_ids)):
            raise field_error("teams", BEYOND, "Your own token is limited to some of these teams only.")
        if own.domains and not (entries and all(covered(entry, own.domains) for entry in entries)):
            raise field_error("domains", BEYOND, "Your own token is limited to other domains.")
        if own.domains and allow_no_origin and not own.allow_no_origin:
            raise field_error("allowNoOrigin", BEYOND, "Your own token does not allow server calls.")
        if own.allowed_ips and not (allowed_ips and all(_inside(ip, own.allowed_ips) for ip in allowed_ips)):
            raise field_error("allowedIps", BEYOND, "Your own token is limited to other addresses.")
        if expires_at > self.ends:
            raise field_error("expiresAt", BEYOND, "Your own token ends earlier.")

    def guard(self, row: AccessToken) -> None:
        """Raise Problem `role_not_permitted` when the token can do more than the caller's own; itself it
        may change.
        """
        if row.pk == self.row.pk:
            return
        try:
            self.check(
                scopes=row.scopes,
                team_ids=row.team_ids,
                entries=row.domains,
                allow_no_origin=row.allow_no_origin,
                allowed_ips=row.allowed_ips,
                expires_at=self.ends,  # an existing end moves only nearer, and a rotation is capped by ours
            )
        except Problem as problem:
            raise Problem(
                "role_not_permitted", f"That token can do more than yours. {problem.detail}"
            ) from None


def limits_of(caller: Any) -> Limits | None:
    """Return the limits of a caller; None for a session opened with a password, which has those of its role
    only.
    """
    if caller.token_id is None:
        return None
    return Limits(AccessToken.objects.get(pk=caller.token_id), caller.scopes)


def covered(text: str, entries: Iterable[str]) -> bool:
    """Whether every origin that an entry admits is admitted by one of the others, however the desk is
    served.
    """
    inner = domains.parse_entry(text)
    return any(outer is not None and _covers(outer, inner) for outer in map(domains._stored, entries))


def both(*guards: Callable[[AccessToken], None] | None) -> Callable[[AccessToken], None]:
    """Return one guard that asks each of several."""

    def ask(row: AccessToken) -> None:
        for guard in filter(None, guards):
            guard(row)

    return ask


def _covers(outer: domains.Entry, inner: domains.Entry) -> bool:
    if RANK[inner.scheme] > RANK[outer.scheme] or outer.port not in ("*", inner.port):
        return False
    if outer.wildcard:
        return inner.host.endswith("." + outer.host) or (inner.wildcard and inner.host == outer.host)
    return not inner.wildcard and inner.host == outer.host


def _inside(network: str, networks: Iterable[str]) -> bool:
    inner = ipaddress.ip_network(network)
    for text in networks:
        outer = ipaddress.ip_network(text)
        if inner.version == outer.version and inner.subnet_of(outer):  # type: ignore[arg-type]
            return True
    return False
