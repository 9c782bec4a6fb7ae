"""The one statement behind every authentication: a token (or session) and its user, with everything a
verdict needs.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from accounts.models import User
from api.database import fetch_one

USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
USER_COLUMNS = ", ".join(f"u.{field.column}" for field in User._meta.concrete_fields)
TEAMS = "ARRAY(SELECT m.team_id FROM accounts_user_teams m WHERE m.user_id = u.id)"
TOKEN_COLUMNS = (
    "t.id, t.state, t.expires_at, t.grace_until, t.scopes, t.team_ids, t.domains, t.allow_no_origin, "
    "t.allowed_ips, t.surface, t.used_at, t.parent_id"
)
SESSION_COLUMNS = "s.id, s.surface, s.kind, s.embedder, s.expires_at, s.seen_at, s.ended_at, s.handle"
FROM_TOKEN = "FROM tokens_accesstoken t JOIN accounts_user u ON u.id = t.user_id"
FROM_SESSION = (
    "FROM tokens_handoffsession s JOIN tokens_accesstoken t ON t.id = s.token_id "
    "JOIN accounts_user u ON u.id = s.user_id"
)
NO_SESSION = "NULL::uuid, NULL, NULL, NULL, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, NULL"

BY_TOKEN = f"SELECT {TOKEN_COLUMNS}, {NO_SESSION}, {TEAMS}, {USER_COLUMNS} {FROM_TOKEN} WHERE "
BY_SESSION = f"SELECT {TOKEN_COLUMNS}, {SESSION_COLUMNS}, {TEAMS}, {USER_COLUMNS} {FROM_SESSION} WHERE "
BY_BROWSER = (
    f"SELECT b.expire_date, {TEAMS}, {USER_COLUMNS} FROM accounts_user u LEFT JOIN django_session b "
    "ON b.session_key = %s AND b.expire_date > now() WHERE u.id = %s"
)


class Row(NamedTuple):
    """A token with its user, and with the session that was opened by it, where there is one."""

    token_id: UUID
    state: str
    expires_at: datetime
    grace_until: datetime | None
    scopes: list[str]
    team_limit: list[UUID]
    domains: list[str]
    allow_no_origin: bool
    allowed_ips: list[str]
    surface: str
    used_at: datetime | None
    parent_id: UUID | None
    session_id: UUID | None
    session_surface: str | None
    session_kind: str | None
    session_embedder: str | None
    session_expires_at: datetime | None
    session_seen_at: datetime | None
    session_ended_at: datetime | None
    session_handle: str | None
    user_teams: list[UUID]
    user: User
    parent: "Row | None" = None  # of a one-time token: what it lives and dies with


OWN = Row._fields.index("user")  # columns before the user's


def by_hash(token_hash: bytes) -> Row | None:
    """Return the row of a token's text."""
    return _row(BY_TOKEN + "t.token_hash = %s", token_hash)


def by_id(token_id: UUID) -> Row | None:
    """Return the row of a token's id."""
    return _row(BY_TOKEN + "t.id = %s", token_id)


def by_session(session_id: UUID) -> Row | None:
    """Return a handoff session, its token and its user."""
    return _row(BY_SESSION + "s.id = %s", session_id)


def by_handle(handle: str) -> Row | None:
    """Return the handoff session of a public handle, its token and its user."""
    return _row(BY_SESSION + "s.handle = %s", handle)


def by_bearer(bearer_hash: bytes) -> Row | None:
    """Return the handoff session of a tab bearer, its token and its user."""
    return _row(BY_SESSION + "s.bearer_hash = %s", bearer_hash)


def by_browser(session_key: str, user_id: UUID) -> tuple[datetime | None, list[UUID], User] | None:
    """Return when a browser's session ends (None: it is over), the teams of its user, and the user."""
    row = _fetch(BY_BROWSER, session_key, user_id)
    return (row[0], row[1], User.from_db("default", USER_FIELDS, row[2:])) if row else None


def _row(sql: str, key: Any) -> Row | None:
    found = _fetch(sql, key)
    if found is None:
        return None
    row = Row(*found[:OWN], User.from_db("default", USER_FIELDS, found[OWN:]))
    return row if row.parent_id is None else _bound(row, row.parent_id)


def _bound(row: Row, parent_id: UUID) -> Row | None:
    """Return a one-time token with its parent, and with the parent's limits as they are now.

    A statement of its own: a join would cost every request a tenth more, for what only a login presents.
    """
    parent = by_id(parent_id)
    if parent is None:
        return None
    limits = {name: getattr(parent, name) for name in ("domains", "allow_no_origin", "allowed_ips")}
    return row._replace(parent=parent, **limits)


def _fetch(sql: str, *keys: Any) -> tuple | None:
    """Run the first statement of a request; a connection that died while idle is opened once more."""
    try:
        return fetch_one(sql, keys)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
    return fetch_one(sql, keys)
