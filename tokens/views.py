"""The endpoints of tokens: who may see or change which, one service or query each, and the secret shown
once.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from accounts import roles
from accounts.models import User
from api.errors import Problem, field_error
from api.ids import parse_id
from api.permissions import require
from api.rendering import answer
from api.requests import own_origin
from api.views import ApiView, check_match, fields
from settings_app.queries import setting
from tokens import doctor, queries, serializers, services, usage
from tokens.models import AccessToken
from tokens.origins import facts_of
from tokens.services.issuing import checked_domains, checked_ips
from tokens.services.limits import BEYOND, Limits, both, limits_of


def without_secret(body: bytes) -> bytes:
    """Return an answer as it is kept for Idempotency-Key: a replay shows everything but the token's text."""
    return orjson.dumps(orjson.loads(body) | {"accessToken": None})


def shown(token_id: UUID, text: str | None = None) -> HttpResponse:
    """Return one token; `text` is its secret, in the one answer that shows it."""
    found = queries.token(token_id)
    if found is None:
        raise Problem("not_found")
    tag = queries.etag(found)
    return answer(found | ({"accessToken": text} if text else {}), etag=tag)


def row_of(request: Request, token_id: str, *, change: bool = False) -> AccessToken:
    """Return the token's row where the caller may see (or change) it. Raises Problem `not_found`."""
    where = queries.visible_to(request.auth, change=change)
    rows = AccessToken.objects.select_related("user").filter(pk=parse_id(token_id))
    row = (rows.filter(user_id=request.auth.user_id) if where else rows).first()
    if row is None:
        raise Problem("not_found")
    return row


class TokenList(ApiView):
    """`GET /api/tokens/list`: the caller's own tokens, or all of them with tokens:read."""

    family = "tokens"
    scopes = {"GET": None}

    def get(self, request: Request) -> HttpResponse:
        where = [queries.LONG_LIVED, *queries.visible_to(request.auth)]
        return queries.TOKENS.page(request, where=where, caller=request.auth)


class TokenCreate(ApiView):
    """`POST /api/tokens/create`: a token of the caller's own user, or of any user with tokens:write."""

    family = "tokens"
    scopes = {"POST": None}
    redact = staticmethod(without_secret)

    def post(self, request: Request) -> HttpResponse:
        caller = request.auth
        queries.visible_to(caller, change=True)
        wanted = serializers.read(serializers.NewToken, fields(request))
        user = self.user(caller, wanted.pop("user", None))
        limits = limits_of(caller)
        ready = {
            "scope_names": self.scope_names(caller, user, wanted.get("scopes"), limits),
            "team_ids": wanted.get("teams", limits.row.team_ids if limits else []),
            "entries": checked_domains(wanted.get("domains", limits.row.domains if limits else [])),
            "allow_no_origin": wanted.get("allow_no_origin", False),
            "allowed_ips": checked_ips(wanted.get("allowed_ips", limits.row.allowed_ips if limits else [])),
        }
        seconds = self.seconds(wanted, limits)
        if limits:
            rest = {name: value for name, value in ready.items() if name != "scope_names"}
            ends = timezone.now() + timedelta(seconds=seconds)
            limits.check(scopes=ready["scope_names"], **rest, expires_at=ends)
        issued = services.issue_token(
            user=user,
            actor=caller.user,
            name=wanted.get("name", ""),
            **ready,
            expires_in=seconds,
            disabled=wanted["disabled"],
            issuer=own_origin(request._request),
        )
        return shown(issued.row.pk, issued.text)

    def user(self, caller: Any, given: str | serializers.Reference | None) -> User:
        """Return whose token it will be: named by id, username or e-mail, or as the API shows somebody."""
        word = given.id if isinstance(given, serializers.Reference) else given
        if word is None or word == str(caller.user_id):
            return caller.user
        found = User.objects.filter(pk=_id_or_none(word)).first() or (
            User.objects.filter(username__iexact=word).first()
            or ("@" in word and User.objects.filter(email__iexact=word).first())
        )
        if found and found.pk == caller.user_id:
            return caller.user
        require(caller, "tokens:write")
        if not found:
            raise field_error("user", "not_found", "There is no such user.")
        return found

    def scope_names(
        self, caller: Any, user: User, wanted: list[str] | None, limits: Limits | None
    ) -> list[str]:
        """Return the scopes asked for; by default all that the user may do and the caller's token can."""
        if wanted:
            return wanted
        default = roles.rights(user.role) & (limits.scopes if limits else roles.rights(user.role))
        if not default:
            raise field_error("scopes", BEYOND, "Your own token has none of the user's scopes.")
        return sorted(default)

    def seconds(self, wanted: dict[str, Any], limits: Limits | None) -> int:
        """Return how long the token lives: `expiresIn`, else until `expiresAt`, else the default; no later
        than its parent.
        """
        now = timezone.now()
        if "expires_in" in wanted:
            return wanted["expires_in"]
        if "expires_at" in wanted:
            return _seconds_until(wanted["expires_at"], now)
        default = min(setting("tokens", "lifetimeDefault"), setting("tokens", "lifetimeLongest"))
        return max(1, min(default, _seconds_until(limits.ends, now) - 1)) if limits else default


class TokenOneTime(ApiView):
    """`POST /api/tokens/one-time`: a token for one login, which lives seconds and hangs on the caller's
    token.
    """

    family = "tokens"
    scopes = {"POST": None}
    redact = staticmethod(without_secret)

    def post(self, request: Request) -> HttpResponse:
        caller = request.auth
        wanted = serializers.read(serializers.NewOneTime, fields(request))
        if caller.token_id is None:
            raise Problem("bad_request", "Call this with an access token: a one-time token hangs on it.")
        require(caller, f"login:{wanted['surface']}")
        issued = services.issue_one_time(
            parent=AccessToken(pk=caller.token_id),
            actor=caller.user,
            issuer=own_origin(request._request),
            **wanted,
        )
        return shown(issued.row.pk, issued.text)


class TokenItem(ApiView):
    """`GET|PUT|PATCH /api/tokens/{id}`: one token with its use and denials; changing the fields that are
    sent.
    """

    family = "tokens"
    scopes = {"GET": None, "PUT": None, "PATCH": None}

    def get(self, request: Request, token_id: str) -> HttpResponse:
        found = queries.token(parse_id(token_id), *queries.visible_to(request.auth))
        if found is None:
            raise Problem("not_found")
        return answer(found | {"use": queries.use(found["id"])}, etag=queries.etag(found))

    def put(self, request: Request, token_id: str) -> HttpResponse:
        row = row_of(request, token_id, change=True)
        changes = serializers.read(serializers.TokenFields, fields(request))
        limits = limits_of(request.auth)

        def unchanged(locked: AccessToken) -> None:
            current = queries.token(locked.pk)
            check_match(request, queries.etag(current), current)

        guard = both(unchanged, limits and limits.guard, limits and self.result(limits, changes))
        edited = services.edit_token(row=row, actor=request.auth.user, guard=guard, **changes)
        return shown(edited.pk)

    patch = put

    def result(self, limits: Limits, changes: dict[str, Any]):
        """Return the guard that looks at what would change: an edit gives no more than the caller's own
        token has.
        """

        def guard(row: AccessToken) -> None:
            own = limits.row
            scopes = changes.get("scopes", row.scopes)
            teams = changes.get("teams", row.team_ids)
            entries = checked_domains(changes.get("domains", row.domains))
            networks = checked_ips(changes.get("allowed_ips", row.allowed_ips))
            servers = changes.get("allow_no_origin", row.allow_no_origin)
            # What stays as it is was judged by limits.guard, or is the caller's own token.
            limits.check(
                scopes=() if set(scopes) == set(row.scopes) else scopes or roles.rights(row.user.role),
                team_ids=own.team_ids if teams == row.team_ids else teams,
                entries=own.domains if entries == row.domains else entries,
                allow_no_origin=servers and not row.allow_no_origin,
                allowed_ips=own.allowed_ips if networks == row.allowed_ips else networks,
                expires_at=limits.ends,
            )

        return guard


class TokenRotate(ApiView):
    """`POST /api/tokens/{id}/rotate`: the next token of the family; the old one works until its grace is
    over.
    """

    family = "tokens"
    scopes = {"POST": None}
    redact = staticmethod(without_secret)

    def post(self, request: Request, token_id: str) -> HttpResponse:
        caller = request.auth
        row = row_of(request, token_id, change=True)
        wanted = serializers.read(serializers.Rotation, fields(request))
        limits = limits_of(caller)
        try:
            issued = services.rotate_token(
                row=row,
                actor=caller.user,
                grace=wanted["grace"],
                issuer=own_origin(request._request),
                latest=limits.ends if limits and limits.row.pk != row.pk else None,
                guard=limits and limits.guard,
            )
        except Problem as problem:
            if problem.code == "token_rotated" and "HTTP_IDEMPOTENCY_KEY" in request.META:
                # The key's transaction takes the alert back with everything else; a thief must not use that.
                facts = facts_of(request.META, own_origin(request._request))
                usage.count(row.pk, facts, "rotate_reuse")
            raise
        return shown(issued.row.pk, issued.text)


class TokenDisable(ApiView):
    """`POST /api/tokens/{id}/disable`."""

    family = "tokens"
    scopes = {"POST": None}

    def post(self, request: Request, token_id: str) -> HttpResponse:
        row = row_of(request, token_id, change=True)
        serializers.read(serializers.Nothing, fields(request))
        return shown(services.disable_token(row=row, actor=request.auth.user).pk)


class TokenEnable(ApiView):
    """`POST /api/tokens/{id}/enable`."""

    family = "tokens"
    scopes = {"POST": None}

    def post(self, request: Request, token_id: str) -> HttpResponse:
        row = row_of(request, token_id, change=True)
        serializers.read(serializers.Nothing, fields(request))
        limits = limits_of(request.auth)
        enabled = services.enable_token(row=row, actor=request.auth.user, guard=limits and limits.guard)
        return shown(enabled.pk)


class TokenRevoke(ApiView):
    """`POST /api/tokens/{id}/revoke`, with a `reason`; final."""

    family = "tokens"
    scopes = {"POST": None}

    def post(self, request: Request, token_id: str) -> HttpResponse:
        row = row_of(request, token_id, change=True)
        reason = serializers.read(serializers.Revocation, fields(request))["reason"]
        return shown(services.revoke_token(row=row, actor=request.auth.user, reason=reason).pk)


class TokenCheck(ApiView):
    """`GET /api/tokens/{id}/check?origin=&path=`: what will happen with the token there, and why."""

    family = "tokens"
    scopes = {"GET": None}

    def get(self, request: Request, token_id: str) -> HttpResponse:
        row, given = row_of(request, token_id), request.GET
        if unknown := set(given) - {"origin", "path"}:
            name = min(unknown)[:80]
            raise Problem("unknown_parameter", f"{name!r} is unknown. Known: origin, path.", parameter=name)
        findings = doctor.diagnose(
            row, given.get("origin") or None, given.get("path") or doctor.LOGIN, own_origin(request._request)
        )
        return answer({"id": row.pk, "works": doctor.works(findings), "findings": findings})


def _id_or_none(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None


def _seconds_until(moment: datetime, now: datetime) -> int:
    return int((moment - now).total_seconds())
