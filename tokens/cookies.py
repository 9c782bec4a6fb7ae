"""The two jars of a session's cookie, which session a request means, and the CSRF check of calls by cookie.

tokens.md section 4: https in its own window `__Host-desk_session` (Lax), https in a foreign frame
`__Host-desk_frame` (SameSite=None; Partitioned), plain http `desk_session` (Lax). Two names, because a
browser may send both.
"""

import hmac
import re
from http.cookies import Morsel
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, login
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone

from accounts.models import User
from api.errors import Problem
from tokens.models import HandoffSession

TOP, FRAME = "top", "frame"
SECURE_TOP, SECURE_FRAME, PLAIN = "__Host-desk_session", "__Host-desk_frame", "desk_session"
HANDOFFS = "handoffs"  # the session's key: {handle: [id, surface]} of its HandoffSessions, the newest last
MOST_HANDOFFS = 10  # the same link logs in again and again; each open tab keeps its own session
TOKEN = "token"  # the "backend" of a session that only tokens opened: Django itself would load no user for it
KEY = re.compile(r"[a-z0-9]{8,40}")
HANDLE = re.compile(r"[A-Za-z0-9_-]{16,32}")

# Python < 3.14 does not know the attribute (bpo 112713); Django's own change registers it the same way.
Morsel._reserved.setdefault("partitioned", "Partitioned")  # type: ignore[attr-defined]
Morsel._flags.add("partitioned")  # type: ignore[attr-defined]


def jar_of(request: HttpRequest) -> str:
    """Return the jar that a login request fills: `frame` for a cross-site https iframe, else `top`."""
    meta = request.META
    framed = meta.get("HTTP_SEC_FETCH_DEST") in ("iframe", "frame")
    cross = meta.get("HTTP_SEC_FETCH_SITE") == "cross-site"
    return FRAME if request.is_secure() and framed and cross else TOP


def name_of(request: HttpRequest, jar: str) -> str:
    """Return the cookie's name for a jar under this request's scheme."""
    if not request.is_secure():
        return PLAIN
    return SECURE_FRAME if jar == FRAME else SECURE_TOP


def wanted_of(request: HttpRequest) -> str:
    """Return which session a page or call says it is: a handle (`X-Desk-Session`, or a page's `?h=`),
    `top`, or "".
    """
    named = request.META.get("HTTP_X_DESK_SESSION", "")
    if not named and not request.path_info.startswith("/api/"):
        named = request.GET.get("h", "")
    return named[:64]


def candidates(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the (jar, session key)s that came with a request, the likelier first."""
    jars = [TOP]
    if request.is_secure() and wanted_of(request) != TOP:
        # A page in its own window means its own jar; of anything else a frame is the likelier sender.
        alone = request.META.get("HTTP_SEC_FETCH_DEST") == "document"
        jars = [TOP, FRAME] if alone else [FRAME, TOP]
    keys = [(jar, request.COOKIES.get(name_of(request, jar), "")) for jar in jars]
    return [(jar, key) for jar, key in keys if KEY.fullmatch(key)]


def load(request: HttpRequest) -> SessionBase | None:
    """Make the session a request means `request.session` and return it; None when there is none.

    A named handle must be the cookie's own: otherwise a page framed under one token's policy could act with
    the session of another (tokens.md section 4).
    """
    wanted = wanted_of(request)
    request.session_loaded = request.other_session = False
    for jar, key in candidates(request):
        session = SessionStore(key)
        if not session.get(SESSION_KEY):
            continue
        if wanted and wanted != TOP and wanted not in session.get(HANDOFFS, {}):
            request.other_session = True
            continue
        _use(request, jar, session)
        return session
    return None


def switch_to(request: HttpRequest, jar: str) -> SessionBase:
    """Make a jar's session the request's own: the one its cookie names, or a new one."""
    key = request.COOKIES.get(name_of(request, jar), "")
    session = SessionStore(key) if KEY.fullmatch(key) else SessionStore()
    if not session.get(SESSION_KEY):
        session = SessionStore()
    _use(request, jar, session)
    return session


def nobodys(request: HttpRequest, jar: str) -> SessionBase:
    """Return the session of who is not signed in: the CSRF secret of a sign-in form lies there. Never
    somebody's.
    """
    key = request.COOKIES.get(name_of(request, jar), "")
    session = SessionStore(key) if KEY.fullmatch(key) else SessionStore()
    return SessionStore() if SESSION_KEY in session else session


def _use(request: HttpRequest, jar: str, session: SessionBase) -> None:
    request.session_jar, request.session, request.session_loaded = jar, session, True
    request.session_user = session.get(SESSION_KEY, "")
    request.handoffs_before = [UUID(held[0]) for held in session.get(HANDOFFS, {}).values()]


def by_password(session: SessionBase) -> bool:
    """Whether its user signed in with a password (perhaps besides token links)."""
    return session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS


def surface_of(path: str) -> str:
    """Return the surface a page belongs to, "" for pages of neither (sign-in pages are open to everybody)."""
    if path in ("/agent", "/agent/", "/desktop", "/desktop/"):
        return "agent"
    if path.startswith("/admin/") and not path.startswith(
        ("/admin/login/", "/admin/logout/", "/admin/auth/")
    ):
        return "admin"
    return ""


def handoff_of(request: HttpRequest, session: SessionBase) -> UUID | None:
    """Return the HandoffSession a request acts under; None when its session was opened with a password
    alone.
    """
    held = session.get(HANDOFFS, {})
    wanted = wanted_of(request)
    if wanted in held:
        return UUID(held[wanted][0])
    alone = wanted == TOP or request.META.get("HTTP_SEC_FETCH_DEST") == "document"
    if not held or (alone and by_password(session)):
        return None
    surface = surface_of(request.path_info)
    fitting = [each for each, its in held.values() if not surface or its == surface]
    if not fitting and by_password(session):
        return None
    # A session of the other surface only: the page says that it is not permitted here.
    return UUID((fitting or [each for each, _ in held.values()])[-1])


def sign_in(request: HttpRequest, user: User, jar: str, opened: HandoffSession) -> None:
    """Give the jar a session with a new key for a handoff; sessions of the same user's other tabs live on
    in it.
    """
    old = switch_to(request, jar)
    same = old.get(SESSION_KEY) == str(user.pk)
    held = dict(list(old.get(HANDOFFS, {}).items())[1 - MOST_HANDOFFS :]) if same else {}
    keys = (BACKEND_SESSION_KEY, HASH_SESSION_KEY)
    password = {key: old[key] for key in keys} if same and by_password(old) else {}
    old.flush()
    login(request, user, backend=TOKEN)
    lasts = (opened.expires_at - timezone.now()).total_seconds()
    request.session.set_expiry(max(settings.SESSION_COOKIE_AGE, int(lasts) + 60))
    request.session.update(password)
    request.session[HANDOFFS] = held | {opened.handle: [str(opened.pk), opened.surface]}


def forget_handoff(session: SessionBase, session_id: UUID) -> None:
    """Take an ended HandoffSession out of its browser's session, which goes with the last of them."""
    held = {name: each for name, each in session.get(HANDOFFS, {}).items() if each[0] != str(session_id)}
    if held or by_password(session):
        session[HANDOFFS] = held
    else:
        session.flush()


def signed_in_elsewhere(request: HttpRequest, user: User) -> User | None:
    """Return the other user who is signed in in this browser's own windows, None when nobody or the same
    one is.
    """
    key = request.COOKIES.get(name_of(request, TOP), "")
    session = SessionStore(key) if KEY.fullmatch(key) else {}
    user_id = session.get(SESSION_KEY)
    if not user_id or user_id == str(user.pk):
        return None
    other = User.objects.filter(pk=user_id, is_active=True).first()
    ids = [UUID(each) for each, _ in session.get(HANDOFFS, {}).values()]
    live = HandoffSession.objects.filter(pk__in=ids, ended_at=None, expires_at__gt=timezone.now())
    return other if other and (by_password(session) or live.exists()) else None


def write(response: HttpResponse, request: HttpRequest, jar: str, key: str) -> None:
    """Set the jar's cookie, without Max-Age: it goes with the browser."""
    _set(response, request, jar, key)


def delete(response: HttpResponse, request: HttpRequest, jar: str) -> None:
    """Delete the jar's cookie, with the attributes it was set with (a partitioned one is deleted by nothing
    else).
    """
    _set(response, request, jar, "")
    morsel = response.cookies[name_of(request, jar)]
    morsel["max-age"] = 0
    morsel["expires"] = "Thu, 01 Jan 1970 00:00:00 GMT"


def _set(response: HttpResponse, request: HttpRequest, jar: str, value: str) -> None:
    name, secure = name_of(request, jar), request.is_secure()
    partitioned = secure and jar == FRAME
    response.set_cookie(
        name, value, secure=secure, httponly=True, samesite="None" if partitioned else "Lax", path="/"
    )
    if partitioned:
        response.cookies[name]["partitioned"] = True


def same_password(user: User, session_hash: str) -> bool:
    """Whether the password is still the one the session was opened with (SECRET_KEY_FALLBACKS are
    honoured).
    """
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(hmac.compare_digest(each, session_hash) for each in hashes)


class _Check(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def enforce_csrf(request: HttpRequest, session: SessionBase) -> None:
    """Raise Problem `csrf_failed` unless a changing call carries the session's CSRF token (X-CSRFToken)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    request.session = session
    check = _Check(lambda _: HttpResponse())
    check.process_request(request)
    request.csrf_processing_done = False
    if reason := check.process_view(request, lambda: None, (), {}):
        raise Problem("csrf_failed", str(reason))
