"""Changing a token that exists: its fields, and its state (tokens.md section 1)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem, field_error
from tokens import scopes
from tokens.audit import record_token
from tokens.models import AccessToken, State
from tokens.services.issuing import checked_domains, checked_ips, checked_name, checked_teams

Guard = Callable[[AccessToken], None]  # looks at the locked row, raises the Problem that forbids the change

PUBLIC = {
    "name": "name",
    "scopes": "scopes",
    "team_ids": "teams",
    "domains": "domains",
    "allow_no_origin": "allowNoOrigin",
    "allowed_ips": "allowedIps",
    "expires_at": "expiresAt",
}


def locked(row: AccessToken, guard: Guard | None = None) -> AccessToken:
    """Return the row as it is now, locked until the transaction ends. Raises Problem `not_found`."""
    rows = AccessToken.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    found = rows.filter(pk=row.pk).first()
    if found is None:
        raise Problem("not_found")
    if guard:
        guard(found)
    return found


def alive(row: AccessToken) -> None:
    """Raise Problem `invalid_state` for a token that nothing can bring back: revoked, rotated, used or
    expired.
    """
    state = row.state_at()
    if state not in (State.ACTIVE, State.DISABLED) or row.expires_at <= timezone.now():
        raise Problem("invalid_state", f"The token is {'expired' if state in State.values[:2] else state}.")


def edit_token(
    *, row: AccessToken, actor: User | None, guard: Guard | None = None, **changes: Any
) -> AccessToken:
    """Change fields of a token; what is not named stays. Streams are judged anew within a second.

    `changes`: name, domains (entries), scopes, teams (ids), allowed_ips, allow_no_origin, expires_at
    (aware; only shorter, for longer means rotating). The event holds what was and what is. Raises Problem
    `validation_failed`, `any_site_forbidden` or `invalid_state`.
    """
    with transaction.atomic():
        row = locked(row, guard)
        alive(row)
        wanted = _checked(row, changes)
        diff = {name: [getattr(row, name), new] for name, new in wanted.items() if getattr(row, name) != new}
        if not diff:
            return row
        for name, (_, new) in diff.items():
            setattr(row, name, new)
        _save(row, *diff)
        shown = {PUBLIC[name]: {"from": old, "to": new} for name, (old, new) in diff.items()}
        record_token("token.edited", row, actor=actor, changes=shown)
    return row


def disable_token(
    *, row: AccessToken, actor: User | None = None, reason: str = "", guard: Guard | None = None
) -> AccessToken:
    """Switch a token off until it is enabled again; one that was rotated loses the rest of its grace.

    Its sessions, one-time tokens and streams end with it. Doing it twice is once. Raises Problem
    `invalid_state` for a revoked token.
    """
    with transaction.atomic():
        row = locked(row, guard)
        if row.state == State.REVOKED:
            raise Problem("invalid_state", "The token is revoked.")
        if row.state == State.ACTIVE:
            row.state = State.DISABLED
            _save(row, "state")
        elif row.state == State.ROTATED and row.in_force():
            row.grace_until = timezone.now()
            _save(row, "grace_until")
        else:
            return row
        record_token("token.disabled", row, actor=actor, reason=reason)
    return row


def enable_token(*, row: AccessToken, actor: User | None = None, guard: Guard | None = None) -> AccessToken:
    """Switch a disabled token on again.

    Raises Problem `invalid_state` for one that is rotated, revoked or expired.
    """
    with transaction.atomic():
        row = locked(row, guard)
        alive(row)
        if row.state == State.DISABLED:
            row.state = State.ACTIVE
            _save(row, "state")
            record_token("token.enabled", row, actor=actor)
    return row


def revoke_token(
    *, row: AccessToken, actor: User | None = None, reason: str = "", guard: Guard | None = None
) -> AccessToken:
    """End a token for good; the first reason stands.

    Raises Problem `validation_failed` for an unprintable reason.
    """
    if len(reason) > 300 or not reason.isprintable():
        raise field_error("reason", "invalid", "Expected at most 300 printable characters.")
    with transaction.atomic():
        row = locked(row, guard)
        if row.state != State.REVOKED:
            row.state, row.revoked_at = State.REVOKED, timezone.now()
            row.revoked_by, row.revoked_reason = actor, reason
            _save(row, "state", "revoked_at", "revoked_by", "revoked_reason")
            record_token("token.revoked", row, actor=actor, reason=reason)
    return row


def _checked(row: AccessToken, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the changes by the row's own names, normalised."""
    checks: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "name": ("name", checked_name),
        "domains": ("domains", checked_domains),
        "scopes": ("scopes", lambda names: scopes.checked(names, row.user.role)),
        "teams": ("team_ids", checked_teams),
        "allowed_ips": ("allowed_ips", checked_ips),
        "allow_no_origin": ("allow_no_origin", bool),
        "expires_at": ("expires_at", lambda wanted: _shorter(row, wanted)),
    }
    if unknown := set(changes) - set(checks):
        raise TypeError(f"edit_token() cannot change {', '.join(sorted(unknown))}")
    return {checks[name][0]: checks[name][1](value) for name, value in changes.items()}


def _shorter(row: AccessToken, wanted: datetime) -> datetime:
    if wanted > row.expires_at:
        raise field_error("expiresAt", "only_shorter", "Rotate the token to let it live longer.")
    if wanted != row.expires_at and wanted <= timezone.now():
        raise field_error("expiresAt", "in_the_past", "Revoke the token to end it now.")
    return wanted


def _save(row: AccessToken, *names: str) -> None:
    row.updated_at = timezone.now()
    row.save(update_fields=[*names, "updated_at"])
