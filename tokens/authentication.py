"""The one place of decision: who calls the API, from where, and what they may do.

The checks run in the order of tokens.md section 1, and nothing is cached between requests: shape → MAC and
exp → row by hash → state, grace → expiry → user active → IP → domain → (scope: api.permissions). A
malformed or forged token never touches the database; a genuine one costs one prepared statement.
"""

import hashlib
import ipaddress
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import roles
from accounts.models import User
from api.errors import Problem
from api.requests import own_origin
from tokens import cookies, jwt, rows, throttle, usage
from tokens.caller import Caller
from tokens.models import State
from tokens.origins import Facts, check_origin, check_same_origin, facts_of
from tokens.rows import Row

# What a browser may fetch by cookie: a call of a page's program, or a page. No `<img>`, whose address another
# person may have written, calls the API with the rights of who looks at it.
BY_COOKIE = ("", "empty", "document", "iframe", "frame")
TAB = "dts_"  # the prefix of a tab bearer (tokens.md section 4)


class DeskAuthentication(BaseAuthentication):
    """DRF's authentication of every endpoint: an access token, a tab bearer, or the workstation's session."""

    def authenticate(self, request: Request) -> tuple[User, Caller] | None:
        http: Any = request._request  # the middleware reads what is noted on it
        facts = facts_of(http.META, own_origin(http))
        header = http.META.get("HTTP_AUTHORIZATION")
        try:
            caller = self._caller(http, header, facts)
        except Problem as problem:
            http.cors_allowed = True  # every page may read why it was refused: its client must see a 401
            throttle.count_failure("api", facts.ip, problem)
            raise
        if caller is None:
            http.cors_allowed = True
            return None
        http.caller = caller
        return caller.user, caller

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="desk"'

    def _caller(self, http: Any, header: str | None, facts: Facts) -> Caller | None:
        if header is None:
            return session_caller(http, facts)
        text = bearer_of(header)
        if text is None:
            return None
        if text.startswith(TAB):
            return tab_caller(text, facts)
        caller = token_caller(text, facts)
        # Only what passed the domain list is readable across origins; the desk's own pages need nothing.
        http.cors_allowed = True
        http.access_token_status = "rotated" if caller.rotated else ""
        return caller


def bearer_of(header: str) -> str | None:
    """Return the credential of an Authorization header, None when it is of another scheme.

    Raises Problem `header_malformed` (RFC 6750 2.1: one space, one token), or `token_malformed` for what is
    no ASCII.
    """
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer":
        if header.lower().startswith("bearer"):
            raise Problem("header_malformed")
        return None
    if not text.isascii() or "\x00" in text:
        raise Problem("token_malformed")
    if not text or text != text.strip() or any(mark in text for mark in " \t,"):
        raise Problem("header_malformed")
    return text


def token_caller(text: str, facts: Facts) -> Caller:
    """Return who presents an access token to the API."""
    verified = jwt.verify(text)
    row = rows.by_hash(verified.hash)
    if row is None:
        raise Problem("token_invalid")
    try:
        caller = judge(row, facts)
        if row.surface:
            raise Problem(
                "surface_not_permitted", "A one-time token opens the desk; it does not call the API."
            )
    except Problem as problem:
        usage.count(row.token_id, facts, problem.code)
        raise
    usage.count(row.token_id, facts, usage.GRACE if caller.rotated else usage.OK)
    return caller


def judge(row: Row, facts: Facts) -> Caller:
    """Return the caller of an access token's row, or raise the Problem of the first check that fails."""
    check_row(row)
    check_ip(row, facts)
    check_origin(facts, row.domains, allow_no_origin=row.allow_no_origin)
    return as_caller(row, partial(_again_by_token, row.token_id, facts), facts)


def check_row(row: Row) -> None:
    """Check state, grace, expiry, user: what holds wherever the token is used."""
    now = timezone.now()
    check_state(row.state, row.grace_until, row.expires_at, now)
    if row.parent is not None:
        check_state(row.parent.state, row.parent.grace_until, row.parent.expires_at, now)
    if row.used_at is not None:
        raise Problem("token_used")
    if not row.user.is_active:
        raise Problem("user_inactive")


def check_state(state: str, grace_until: datetime | None, expires_at: datetime, now: datetime) -> None:
    """Check state, grace and expiry of a token, or of the parent that a one-time token dies with."""
    if state == State.DISABLED:
        raise Problem("token_disabled")
    if state == State.REVOKED:
        raise Problem("token_revoked")
    if state == State.ROTATED and (grace_until is None or grace_until <= now):
        raise Problem("token_rotated")
    if expires_at <= now:
        raise Problem("token_expired")


def check_ip(row: Row, facts: Facts) -> None:
    """Raise Problem `ip_not_allowed` when the token names addresses and this is none of them."""
    if not row.allowed_ips:
        return
    try:
        address = ipaddress.ip_address(facts.ip)
    except ValueError:
        raise Problem("ip_not_allowed") from None
    if not any(address in ipaddress.ip_network(network, strict=False) for network in row.allowed_ips):
        raise Problem("ip_not_allowed")


def as_caller(row: Row, judge_again: Any, facts: Facts | None = None) -> Caller:
    """Return the caller with its rights of this moment; `facts` say where a later refusal is counted."""
    limit = row.team_limit
    everything = roles.sees_everything(row.user.role)
    teams = (
        (limit if everything else [team for team in row.user_teams if team in limit])
        if limit
        else row.user_teams
    )
    ends = row.grace_until if row.state == State.ROTATED else None
    return Caller(
        user=row.user,
        token_id=row.token_id,
        scopes=roles.rights(row.user.role).intersection(row.scopes),
        team_ids=tuple(teams),
        limited=bool(limit),
        expires_at=min(filter(None, (row.expires_at, ends, row.session_expires_at))),
        judge_again=judge_again,
        rotated=row.state == State.ROTATED,
        session_id=row.session_id,
        facts=facts,
    )


def _again_by_token(token_id: UUID, facts: Facts) -> Caller:
    row = rows.by_id(token_id)
    if row is None:
        raise Problem("token_revoked")
    return judge(row, facts)


def tab_caller(text: str, facts: Facts) -> Caller:
    """Return who presents a tab bearer: the desk's own page in a frame whose cookies the browser blocks."""
    row = rows.by_bearer(hashlib.sha256(text.encode()).digest()) if len(text) <= 100 else None
    if row is None:
        raise Problem("session_ended")
    check_same_origin(facts)
    return judge_session(row, facts)


def judge_session(row: Row, facts: Facts) -> Caller:
    """Return the caller of a handoff session; it ends with its token, its user, its time or its idling."""
    check_row(row)
    check_ip(row, facts)
    now = timezone.now()
    session_id, ends, seen = row.session_id, row.session_expires_at, row.session_seen_at
    if session_id is None or ends is None or seen is None:
        raise Problem("session_ended")
    if row.session_ended_at or ends <= now or usage.idle_since(seen, now):
        raise Problem("session_ended")
    usage.session_seen(session_id, seen, now)
    return as_caller(row, partial(_again_by_session, session_id, facts), facts)


def _again_by_session(session_id: UUID, facts: Facts) -> Caller:
    row = rows.by_session(session_id)
    if row is None:
        raise Problem("session_ended")
    return judge_session(row, facts)


def session_caller(http: HttpRequest, facts: Facts) -> Caller | None:
    """Return who calls by the cookie of the workstation or the admin; same origin, and CSRF for what
    changes things.
    """
    session = cookies.load(http)
    if session is None:
        return None
    check_same_origin(facts)
    if http.META.get("HTTP_SEC_FETCH_DEST", "") not in BY_COOKIE:
        raise Problem(
            "domain_not_allowed", "A session is for what the desk's pages ask for, not for pictures."
        )
    handoff = cookies.handoff_of(http, session)
    if handoff:
        caller = _again_by_session(handoff, facts)
    elif cookies.by_password(session):
        caller = password_caller(session)
    else:
        return None
    cookies.enforce_csrf(http, session)
    return caller


def password_caller(session: SessionBase) -> Caller:
    """Return the caller of a session opened with a password: all that the user's role includes."""
    session_hash = session.get("_auth_user_hash", "")
    found = rows.by_browser(session.session_key or "", UUID(session["_auth_user_id"]))
    if found is None or not found[2].is_active:
        raise Problem("user_inactive")
    ends, teams, user = found
    if ends is None or not cookies.same_password(user, session_hash):
        raise Problem("session_ended")
    again = partial(_again_by_password, session.session_key or "")
    rights = roles.rights(user.role)
    return Caller(
        user=user,
        token_id=None,
        scopes=rights,
        team_ids=tuple(teams),
        limited=False,
        expires_at=ends,  # as stored: the session itself would count its time anew from now
        judge_again=again,
    )


def _again_by_password(session_key: str) -> Caller:
    session = SessionStore(session_key)  # what was signed out or has expired loads empty
    if "_auth_user_id" not in session:
        raise Problem("session_ended")
    return password_caller(session)
