"""Rotating: a new token takes over, the old one still works for a while (tokens.md section 1)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem, field_error
from settings_app.queries import setting
from tokens.audit import record_token
from tokens.models import AccessToken, State
from tokens.services.changing import Guard, locked
from tokens.services.issuing import Issued, sign

LONGEST_GRACE = 7 * 86_400  # seconds


def rotate_token(
    *,
    row: AccessToken,
    actor: User | None,
    grace: int | None = None,
    issuer: str = "",
    latest: datetime | None = None,
    guard: Guard | None = None,
) -> Issued:
    """Issue the next token of a family; the old one works until `grace` seconds from now (None: the
    setting).

    The new one has the old one's rights and its length of life from now on, at most until `latest`. Of many
    at once one wins. Raises Problem `token_rotated` for one that was rotated before, after an alert was
    recorded: somebody else holds a copy. Raises `invalid_state` unless the token is active,
    `validation_failed` for the grace.
    """
    seconds = setting("tokens", "rotationGrace") if grace is None else grace
    if not 0 <= seconds <= LONGEST_GRACE:
        raise field_error("grace", "out_of_range", f"Expected 0 to {LONGEST_GRACE} seconds.")
    with transaction.atomic():
        old = locked(row, guard)
        if old.state == State.ROTATED:
            record_token("token.rotate_reuse", old, actor=actor, alert=True, family=old.family)
            issued = None
        else:
            issued = _rotate(old, actor, timedelta(seconds=seconds), issuer, latest)
    if issued is None:
        # Only now: the alert stays written, whatever becomes of the refusal.
        raise Problem("token_rotated", "The token was rotated before; admins have been alerted.")
    return issued


def _rotate(
    old: AccessToken, actor: User | None, grace: timedelta, issuer: str, latest: datetime | None
) -> Issued:
    now = timezone.now()
    state = old.state_at(now)
    if state != State.ACTIVE or old.is_one_time:
        raise Problem(
            "invalid_state",
            "A one-time token is not rotated." if old.is_one_time else f"The token is {state}.",
        )
    if not old.user.is_active:
        raise Problem("invalid_state", "The token's user is not active.")
    longest = timedelta(seconds=setting("tokens", "lifetimeLongest"))
    expires = now + min(old.expires_at - old.created_at, longest)
    new = AccessToken(
        user=old.user,
        created_by=actor,
        name=old.name,
        scopes=old.scopes,
        team_ids=old.team_ids,
        domains=old.domains,
        allow_no_origin=old.allow_no_origin,
        allowed_ips=old.allowed_ips,
        family=old.family,
        created_at=now,
        updated_at=now,
        expires_at=min(expires, latest) if latest else expires,
    )
    text = sign(new, issuer=issuer)
    new.save(force_insert=True)
    old.state, old.grace_until, old.updated_at = State.ROTATED, min(old.expires_at, now + grace), now
    old.save(update_fields=["state", "grace_until", "updated_at"])
    record_token("token.rotated", old, actor=actor, graceUntil=old.grace_until, successor=str(new.pk))
    record_token("token.created", new, actor=actor, rotatedFrom=str(old.pk))
    return Issued(new, text)
