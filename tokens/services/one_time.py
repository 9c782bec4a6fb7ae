"""One-time tokens: short-lived tokens for one login, so that no long token need stand in a URL (tokens.md
section 1).
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem, field_error
from tokens.audit import record_token
from tokens.models import AccessToken
from tokens.services.changing import locked
from tokens.services.issuing import Issued, sign

LONGEST_TTL = 300  # seconds
SURFACES = ("agent", "admin")


def issue_one_time(
    *, parent: AccessToken, surface: str, ttl: int = 60, actor: User | None = None, issuer: str = ""
) -> Issued:
    """Issue a token that opens one surface once, within `ttl` seconds and no longer than its parent lives.

    It is bound to the parent's domains and addresses, also when these change meanwhile, and dies with the
    parent; the session it opens hangs on the parent. Raises Problem `validation_failed` or `invalid_state`.
    """
    if surface not in SURFACES:
        raise field_error("surface", "invalid_choice", f"Expected one of {', '.join(SURFACES)}.")
    if not 1 <= ttl <= LONGEST_TTL:
        raise field_error("ttl", "out_of_range", f"Expected 1 to {LONGEST_TTL} seconds.")
    with transaction.atomic():
        parent = locked(parent)
        now = timezone.now()
        if parent.is_one_time or not parent.in_force(now):
            raise Problem("invalid_state", "Only a token in force gives one-time tokens.")
        row = AccessToken(
            user=parent.user,
            created_by=actor,
            name=parent.name,
            scopes=[f"login:{surface}"],
            team_ids=parent.team_ids,
            domains=parent.domains,
            allow_no_origin=parent.allow_no_origin,
            allowed_ips=parent.allowed_ips,
            family=parent.family,
            parent=parent,
            surface=surface,
            created_at=now,
            updated_at=now,
            expires_at=min(now + timedelta(seconds=ttl), parent.grace_until or parent.expires_at),
        )
        text = sign(row, issuer=issuer)
        row.save(force_insert=True)
        record_token("token.created", row, actor=actor, parent=str(parent.pk), surface=surface)
    return Issued(row, text)


def consume_one_time(*, token_id: UUID) -> bool:
    """Use a one-time token up; of many at once one gets True.

    The last check of a login (tokens.md section 1).
    """
    fresh = AccessToken.objects.filter(pk=token_id, used_at=None, expires_at__gt=timezone.now())
    return fresh.exclude(surface="").update(used_at=timezone.now()) == 1
