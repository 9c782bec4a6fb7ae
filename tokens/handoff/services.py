"""Every write of the handoff: opening a session, its one-time codes and tab bearers, its end, and what is
recorded of it.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem
from events.services import announce_access_change
from settings_app.queries import setting
from tokens import rows, usage
from tokens.audit import record_token
from tokens.authentication import TAB
from tokens.handoff import checks
from tokens.handoff.checks import Place
from tokens.models import AccessToken, HandoffSession
from tokens.origins import Facts
from tokens.rows import Row
from tokens.services import consume_one_time

CODE_SECONDS = 60  # the landing page fetches at once
ASKING_SECONDS = 300  # a person has to read and decide
_told: dict[tuple[UUID, str, str], float] = {}
_lock = threading.Lock()


class Opened(NamedTuple):
    """A new session and the one-time code of its landing page, which is stored as a hash only."""

    session: HandoffSession
    code: str

    def __repr__(self) -> str:
        return f"Opened({self.session})"


@transaction.atomic
def open_handoff(
    *,
    row: Row,
    surface: str,
    place: Place,
    facts: Facts,
    code_seconds: int = CODE_SECONDS,
    latest: datetime | None = None,
) -> Opened:
    """Open a session for a judged token; a one-time token is used up here, and its session hangs on its
    parent.

    It ends with its token, after the setting's longest time, or at `latest`. Raises Problem `token_used` for
    all but one of the requests that present a one-time token.
    """
    if row.surface and not consume_one_time(token_id=row.token_id):
        raise Problem("token_used")
    token = AccessToken.objects.get(pk=row.parent_id if row.surface else row.token_id)
    now = timezone.now()
    longest = now + timedelta(seconds=setting("embedding", "sessionLongest"))
    code = secrets.token_urlsafe(32)
    session = HandoffSession.objects.create(
        token=token,
        user=row.user,
        surface=surface,
        kind=place.kind,
        embedder=(place.given or "") if place.given != facts.own_origin else "",
        handle=secrets.token_urlsafe(16),
        code_hash=hash_of(code),
        code_expires_at=now + timedelta(seconds=code_seconds),
        created_at=now,
        seen_at=now,
        expires_at=min(filter(None, (token.expires_at, token.grace_until, longest, latest))),
        ip=facts.ip,
    )
    _record("token.handoff_ok", session, token, origin=place.given or "", oneTime=bool(row.surface))
    return Opened(session, code)


def reopen_on_top(*, session_id: UUID, facts: Facts, code_seconds: int = CODE_SECONDS) -> Opened:
    """Open a session in the browser's own window for the token and user of another one, which it does not
    outlive: who stole a bearer could else renew it for as long as the token lives.
    """
    place = Place(checks.TOP, framed=False, cross_site=False, given="")
    source = HandoffSession.objects.get(pk=session_id)
    row = rows.by_id(source.token_id)
    if row is None:
        raise Problem("session_ended")
    return open_handoff(
        row=row,
        surface=source.surface,
        place=place,
        facts=facts,
        code_seconds=code_seconds,
        latest=source.expires_at,
    )


@transaction.atomic
def renew_handoff(*, session_id: UUID, row: Row) -> None:
    """Let a session, and its streams, go on with a fresh token of the same user.

    A one-time token is used up by it, as by a login. Raises Problem `token_used`, or `session_ended` for a
    session that is over.
    """
    if row.surface and not consume_one_time(token_id=row.token_id):
        raise Problem("token_used")
    token = AccessToken.objects.get(pk=row.parent_id if row.surface else row.token_id)
    longest = timezone.now() + timedelta(seconds=setting("embedding", "sessionLongest"))
    session = HandoffSession.objects.select_for_update().filter(pk=session_id, ended_at=None).first()
    if session is None:
        raise Problem("session_ended")
    session.token = token
    session.expires_at = min(filter(None, (token.expires_at, token.grace_until, longest)))
    session.save(update_fields=["token", "expires_at"])
    announce_access_change(f"user:{session.user_id}")
    _record("token.session_renewed", session, token, oneTime=bool(row.surface))


def hash_of(secret: str) -> bytes:
    """Return what is kept of a one-time code or tab bearer."""
    return hashlib.sha256(secret.encode()).digest()


def spend_code(*, handle: str, code: str) -> UUID:
    """Use up a session's one-time code and return the session's id; of many at once one succeeds.

    Raises Problem `session_ended` for a wrong, used or late code, and for a session that is over.
    """
    now = timezone.now()
    live = HandoffSession.objects.filter(handle=handle, ended_at=None, expires_at__gt=now)
    spent = live.filter(code_hash=hash_of(code), code_expires_at__gt=now)
    session = live.select_related("token").first()
    if session is None or not spent.update(code_hash=None, code_expires_at=None):
        if session:
            _claim_failed(session)
        raise Problem("session_ended", "The one-time code of this page was used, or is too old.")
    return session.pk


def claim(*, handle: str, code: str) -> str:
    """Exchange a one-time code for the tab bearer of its session, and return the bearer (tokens.md section
    4).
    """
    bearer = TAB + secrets.token_urlsafe(32)
    session_id = spend_code(handle=handle, code=code)  # on its own: a refusal's record must stay
    with transaction.atomic():
        HandoffSession.objects.filter(pk=session_id).update(bearer_hash=hash_of(bearer))
        session = HandoffSession.objects.select_related("token").get(pk=session_id)
        _record("token.claim_ok", session, session.token)
    return bearer


def void_code(session_id: UUID) -> None:
    """Make the landing page's code worthless: the cookie works, nothing has to be claimed."""
    HandoffSession.objects.filter(pk=session_id, code_hash__isnull=False).update(
        code_hash=None, code_expires_at=None
    )


def new_code(session_id: UUID) -> str:
    """Give a live session a fresh one-time code, in place of the last."""
    code = secrets.token_urlsafe(32)
    HandoffSession.objects.filter(pk=session_id, ended_at=None).update(
        code_hash=hash_of(code), code_expires_at=timezone.now() + timedelta(seconds=CODE_SECONDS)
    )
    return code


@transaction.atomic
def end_sessions(ids: Iterable[UUID], *, reason: str = "session_ended", actor: User | None = None) -> int:
    """End sessions, and their streams with them (a trigger tells); return how many were still open."""
    ended = 0
    for session in HandoffSession.objects.filter(pk__in=list(ids), ended_at=None).select_related("token"):
        if HandoffSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=timezone.now()):
            _record("token.session_ended", session, session.token, actor=actor, code=reason)
            ended += 1
    return ended


@transaction.atomic
def record_switch(*, session: HandoffSession, before: User) -> None:
    """Record that a browser went from one signed-in user to another."""
    _record("token.user_switch", session, session.token, before=str(before.pk))


def deny(row: Row, facts: Facts, problem: Problem, surface: str) -> None:
    """Count a genuine token's refused login, and record it at most once a minute for each reason and
    origin.
    """
    usage.count(row.token_id, facts, problem.code, told=True)
    if not _due((row.token_id, problem.code, facts.place)):
        return
    with transaction.atomic():
        token = AccessToken.objects.filter(pk=row.token_id).first()
        if token:
            record_token(
                "token.handoff_denied", token, code=problem.code, surface=surface, origin=facts.place[:300]
            )


def _claim_failed(session: HandoffSession) -> None:
    if _due((session.pk, "claim_failed", "")):
        with transaction.atomic():
            _record("token.claim_failed", session, session.token)


def _due(key: tuple[UUID, str, str]) -> bool:
    now = time.monotonic()
    with _lock:
        for old in [each for each, at in _told.items() if now - at >= 60]:
            del _told[old]
        if key in _told or len(_told) > 10_000:
            return False
        _told[key] = now
    return True


def _record(
    type: str, session: HandoffSession, token: AccessToken, *, actor: User | None = None, **data: object
) -> None:
    about = {"session": str(session.pk), "surface": session.surface, "kind": session.kind}
    record_token(type, token, actor=actor or session.user, **about, embedder=session.embedder, **data)
