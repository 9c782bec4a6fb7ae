"""The two jars of a session's cookie, which one a request means, and the CSRF check of calls by cookie.

tokens.md section 4: https in its own window `__Host-desk_session` (Lax), https in a foreign frame `__Host-desk_frame`
(SameSite=None; Partitioned), plain http `desk_session` (Lax). Two names, because a browser may send both.
"""

import hmac
from http.cookies import Morsel

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from accounts.models import User
from api.errors import Problem

TOP, FRAME = "top", "frame"
SECURE_TOP, SECURE_FRAME, PLAIN = "__Host-desk_session", "__Host-desk_frame", "desk_session"
HANDOFF = "handoff"  # the session's key that names its HandoffSession
HANDLE = "handle"  # the session's key that holds its public handle

# Python < 3.14 does not know the attribute (bpo 112713); Django's own change registers it the same way.
Morsel._reserved.setdefault("partitioned", "Partitioned")
Morsel._flags.add("partitioned")


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


def candidates(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the (jar, session key)s that came with a request, the likelier first."""
    found = []
    for jar in (FRAME, TOP) if request.is_secure() else (TOP,):
        key = request.COOKIES.get(name_of(request, jar))
        if key:
            found.append((jar, key))
    return found


def load(request: HttpRequest) -> SessionBase | None:
    """Return the session a request means, or None. A page that knows its handle (`?h=`, X-Desk-Session) says which."""
    wanted = request.GET.get("h") or request.META.get("HTTP_X_DESK_SESSION", "")
    chosen = None
    for jar, key in candidates(request):
        session = SessionStore(key)
        if not session.get("_auth_user_id"):
            continue
        if wanted and session.get(HANDLE) == wanted:
            chosen = (jar, session)
            break
        # A frame's session is for its own handle only where a page names one; a password session has none.
        chosen = chosen or (jar, session)
    if chosen is None:
        return None
    request.session_jar, request.session = chosen
    return chosen[1]


def write(response: HttpResponse, request: HttpRequest, jar: str, key: str) -> None:
    """Set the jar's cookie, without Max-Age: it goes with the browser."""
    _set(response, request, jar, key)


def delete(response: HttpResponse, request: HttpRequest, jar: str) -> None:
    """Delete the jar's cookie, with the attributes it was set with (a partitioned one is deleted by nothing else)."""
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
    """Whether the password is still the one the session was opened with (SECRET_KEY_FALLBACKS are honoured)."""
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
