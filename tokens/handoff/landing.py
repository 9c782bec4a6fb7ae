"""What the landing page's script asks (static/handoff/session.js): who am I, and a bearer where no cookie
is kept.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from api.errors import Problem, problem_response
from api.rendering import answer
from api.requests import own_origin
from tokens import cookies, domains, throttle
from tokens.authentication import TAB, bearer_of, judge_session, password_caller, tab_caller
from tokens.caller import Caller
from tokens.handoff import checks, renewal, services
from tokens.origins import Facts, check_same_origin, facts_of
from tokens.rows import Row, by_bearer, by_session

View = Callable[[HttpRequest, Facts], HttpResponse]
LARGEST = 4096  # bytes of a claim


def endpoint(method: str) -> Callable[[View], Callable[[HttpRequest], HttpResponse]]:
    """Make a view of the desk's own pages only: one method, same origin, refusals as problem+json, failures
    counted.
    """

    def decorate(view: View) -> Callable[[HttpRequest], HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def decorated(request: HttpRequest) -> HttpResponse:
            facts = facts_of(request.META, own_origin(request))
            try:
                if request.method != method:
                    raise Problem("method_not_allowed", headers={"Allow": method})
                check_same_origin(facts)
                return view(request, facts)
            except Problem as problem:
                return problem_response(request, _counted(facts, problem))

        return decorated

    return decorate


def _counted(facts: Facts, problem: Problem) -> Problem:
    """Return the problem, or `throttled` in its place; a page without a session is no attack on anything."""
    if problem.code == "session_ended" and facts.method == "GET":
        return problem
    try:
        throttle.count_failure("handoff", facts.ip, problem)
    except Problem as throttled:
        return throttled
    return problem


@endpoint("GET")
def session(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Say who is signed in by the cookie (or tab bearer); the landing page's one-time code is void then."""
    caller, row = caller_of(request, facts)
    if row and row.session_id:
        services.void_code(row.session_id)
    return answer(described(request, caller, row))


@endpoint("POST")
def claim(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Give the tab bearer of a session for its one-time code; of many at once one gets it."""
    if facts.origin is None:
        raise Problem("domain_not_allowed", "A claim comes from a page of this desk.")
    given = _claim(request)
    bearer = services.claim(handle=given["handle"], code=given["code"])
    row = _row_of_bearer(bearer)
    return answer(described(request, judge_session(row, facts), row) | {"bearer": bearer})


@endpoint("POST")
def code(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Give a live session a fresh one-time code, to open it in a window of its own."""
    caller, row = caller_of(request, facts)
    if row is None:
        raise Problem("session_ended")
    return answer({"handle": row.session_handle, "code": services.new_code(row.session_id)})


@endpoint("POST")
def renew(request: HttpRequest, facts: Facts) -> HttpResponse:
    """Let the session that calls go on with a fresh access token, which its parent page has fetched.

    The token is judged as at a login from the page that framed this one, and must be the same user's.
    """
    caller, row = caller_of(request, facts)
    if row is None:
        raise Problem("session_ended")
    fresh = renewal.admitted(_body(request, "accessToken")["accessToken"], row, facts)
    services.renew_handoff(session_id=row.session_id, row=fresh)
    now = by_session(row.session_id)
    return answer(described(request, judge_session(now, facts), now))


@endpoint("POST")
def log_out(request: HttpRequest, facts: Facts) -> HttpResponse:
    """End the session that calls: its cookie, its bearer and its streams."""
    caller, row = caller_of(request, facts)
    if row is None:
        logout(request)
    else:
        if request.session_loaded:
            cookies.forget_handoff(request.session, row.session_id)
        services.end_sessions([row.session_id], reason="logout")
    return answer({"ended": True})


def caller_of(request: HttpRequest, facts: Facts) -> tuple[Caller, Row | None]:
    """Return who calls, and the row of its handoff session (None for one by password).

    Raises Problem `session_ended`, the token's code, or `csrf_failed`.
    """
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is not None:
        text = bearer_of(header) or ""
        if not text.startswith(TAB):
            raise Problem("session_ended")
        return tab_caller(text, facts), _row_of_bearer(text)
    if request.handoff_problem:
        raise request.handoff_problem
    if not request.session_loaded:
        raise Problem("session_ended")
    cookies.enforce_csrf(request, request.session)
    if request.caller:
        return request.caller, request.handoff
    if not (cookies.by_password(request.session) and request.user.is_authenticated):
        raise Problem("session_ended")
    return password_caller(request.session), None


def described(request: HttpRequest, caller: Caller, row: Row | None) -> dict[str, Any]:
    """Return what a page has to know of its session."""
    return {
        "handle": row.session_handle if row else None,
        "surface": row.session_surface if row else "agent",
        "user": shown_user(caller.user),
        "token": caller.token_shown(),
        "embedder": row.session_embedder if row else "",
        "parentOrigins": parent_origins(request, row),
        "expiresAt": caller.expires_at,
        "csrfToken": get_token(request),
    }


def parent_origins(request: HttpRequest, row: Row | None) -> list[str]:
    """Return who may be the page's parent: exact origins, or sources with `*.` and `:*` as frame-ancestors
    has them.

    The embedder alone where it is known; else what the token's list allows; `*` (whoever framed it) only
    for a token without a list whose embedder did not say who it is.
    """
    if row is None or row.session_kind == checks.TOP:
        return [own_origin(request)]
    if row.session_embedder:
        return [row.session_embedder]
    if row.domains:
        return domains.frame_ancestors(row.domains, request.scheme or "http")
    return [own_origin(request)] if row.session_kind == checks.INNER else ["*"]


def shown_user(user: User) -> dict[str, Any]:
    """Return a user as its own pages show it."""
    return {
        "id": user.pk,
        "uid": user.pk,
        "username": user.username,
        "email": user.email,
        "nickname": user.nickname,
        "avatar": user.avatar,
        "role": user.role,
        "roles": [user.role],
        "status": user.status,
        "language": user.language,
        "timezone": user.timezone,
    }


def _row_of_bearer(bearer: str) -> Row:
    row = by_bearer(services.hash_of(bearer))
    if row is None:
        raise Problem("session_ended")
    return row


def _claim(request: HttpRequest) -> dict[str, str]:
    """Return the handle and code of a claim's body. Raises Problem `invalid_json`."""
    given = _body(request, "handle", "code")
    if not cookies.HANDLE.fullmatch(given["handle"]) or not given["code"].isascii():
        raise Problem("invalid_json", "Expected an object with `handle` and `code`.")
    return given


def _body(request: HttpRequest, *names: str) -> dict[str, str]:
    """Return a small JSON object that has texts of these names. Raises Problem `invalid_json`."""
    try:
        given = orjson.loads(request.body) if len(request.body) <= LARGEST else None
    except ValueError:
        given = None
    if not isinstance(given, dict) or not all(isinstance(given.get(name), str) for name in names):
        raise Problem(
            "invalid_json", f"Expected an object with {' and '.join(f'`{name}`' for name in names)}."
        )
    return given
