"""Issuing an access token: the only moment its text exists."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from api.errors import Problem, field_error
from settings_app.queries import setting
from tokens import domains, jwt, scopes
from tokens.audit import record_token
from tokens.models import AccessToken, State

MOST_ENTRIES = 100


@dataclass(frozen=True)
class Issued:
    """A new token and its text, shown once: it is in no repr, log or row."""

    row: AccessToken
    text: str = field(repr=False)


def issue_token(
    *,
    user: User,
    actor: User | None = None,
    name: str = "",
    scope_names: Iterable[str] = (),
    team_ids: Iterable[UUID] = (),
    entries: Iterable[str] = (),
    allow_no_origin: bool = False,
    allowed_ips: Iterable[str] = (),
    expires_in: int | None = None,
    disabled: bool = False,
    issuer: str = "",
) -> Issued:
    """Issue a token for a user. `entries` are domains (none: any page), `expires_in` seconds (None: the
    setting).

    Raises Problem `validation_failed` naming the field, or `any_site_forbidden`.
    """
    if not user.is_active:
        raise field_error("user", "user_inactive", "The user is not active.")
    now = timezone.now()
    row = AccessToken(
        user=user,
        created_by=actor,
        name=checked_name(name),
        scopes=scopes.checked(scope_names, user.role),
        team_ids=checked_teams(team_ids),
        domains=checked_domains(entries),
        allow_no_origin=allow_no_origin,
        allowed_ips=checked_ips(allowed_ips),
        state=State.DISABLED if disabled else State.ACTIVE,
        created_at=now,
        updated_at=now,
        expires_at=now + checked_lifetime(expires_in),
    )
    with transaction.atomic():
        text = sign(row, issuer=issuer)
        row.save(force_insert=True)
        record_token("token.created", row, actor=actor)
    return Issued(row, text)


def sign(row: AccessToken, *, issuer: str = "") -> str:
    """Return the text of a token's row and keep its hash and hint in the row (not saved here)."""
    text = jwt.encode(
        jti=str(row.pk),
        username=row.user.get_username(),
        platform=setting("tokens", "platform"),
        issuer=issuer or f"http://{settings.HOST}:{settings.PORT}",
        issued=row.created_at,
        expires=row.expires_at,
    )
    row.token_hash, row.hint = jwt.hash_of(text), text[-6:]
    return text


def checked_name(name: str) -> str:
    if len(name) > 120 or not name.isprintable():
        raise field_error("name", "invalid", "Expected at most 120 printable characters.")
    return name


def checked_domains(entries: Iterable[str]) -> list[str]:
    """Return normalised entries.

    Raises Problem `validation_failed` with the entry's reason, or `any_site_forbidden`.
    """
    try:
        normalised = domains.normalise(entries)
    except domains.EntryError as error:
        raise field_error("domains", error.code, f"{error.entry[:100]!r}: {error.detail}") from None
    if not normalised and setting("tokens", "requireDomains"):
        raise Problem("any_site_forbidden")
    return normalised


def checked_ips(networks: Iterable[str]) -> list[str]:
    """Return networks in CIDR form; a bare address is a network of one.

    Raises Problem `validation_failed`.
    """
    checked = []
    for text in networks:
        try:
            checked.append(str(ipaddress.ip_network(str(text).strip(), strict=False)))
        except ValueError:
            raise field_error(
                "allowedIps", "invalid", f"{str(text)[:60]!r} is no address or network."
            ) from None
    if len(checked) > MOST_ENTRIES:
        raise field_error("allowedIps", "too_many", f"At most {MOST_ENTRIES} networks.")
    return list(dict.fromkeys(checked))


def checked_teams(team_ids: Iterable[UUID]) -> list[UUID]:
    wanted = list(dict.fromkeys(team_ids))
    if wanted and Team.objects.filter(pk__in=wanted).count() != len(wanted):
        raise field_error("teams", "not_found", "There is no such team.")
    return wanted


def checked_lifetime(seconds: int | None) -> timedelta:
    """Return how long a token lives.

    Raises Problem `validation_failed` outside 1 second to the setting's longest.
    """
    longest = setting("tokens", "lifetimeLongest")
    if seconds is None:
        return timedelta(seconds=min(setting("tokens", "lifetimeDefault"), longest))
    if not 1 <= seconds <= longest:
        raise field_error("expiresIn", "out_of_range", f"Expected 1 to {longest} seconds.")
    return timedelta(seconds=seconds)
