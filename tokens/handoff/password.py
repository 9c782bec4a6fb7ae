"""The second way to a token: username and password (`POST /auth/v1/login`, api.md)."""

import orjson
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from api.errors import Problem, field_error, problem_response
from api.rendering import answer
from api.requests import own_origin
from settings_app.queries import setting
from tokens import throttle
from tokens.handoff.landing import shown_user
from tokens.origins import facts_of
from tokens.services import issue_token

LIFETIME = 12 * 3600  # seconds
LARGEST = 4096  # bytes


@csrf_exempt
def login(request: HttpRequest) -> HttpResponse:
    """Answer a username and password with a short-lived token: `{message, code, data: {accessToken, user}}`.

    It uses no cookie, so another site can do no more with it than any client that knows the password.
    """
    facts = facts_of(request.META, own_origin(request))
    try:
        throttle.check("api", facts.ip)
        if request.method != "POST":
            raise Problem("method_not_allowed", headers={"Allow": "POST"})
        return _login(request)
    except Problem as problem:
        try:
            throttle.count_failure("api", facts.ip, problem)
        except Problem as throttled:
            problem = throttled
        return problem_response(request, problem)


@sensitive_variables("password")
def _login(request: HttpRequest) -> HttpResponse:
    username, password = _credentials(request)
    user = authenticate(request, username=username, password=password)
    if getattr(request, "axes_locked_out", False):
        request.axes_locked_out = False  # axes' own page is for browsers
        raise Problem(
            "throttled", "Too many failed sign-ins; try again later.", headers={"Retry-After": "900"}
        )
    if user is None:
        raise Problem("login_failed")
    # Where tokens must name their domains, this one is for the desk's own pages and for servers.
    bound = {"entries": [own_origin(request)], "allow_no_origin": True}
    issued = issue_token(
        user=user,
        actor=user,
        name="Password login",
        expires_in=min(LIFETIME, setting("tokens", "lifetimeLongest")),
        issuer=own_origin(request),
        **(bound if setting("tokens", "requireDomains") else {}),
    )
    data = {"accessToken": issued.text, "expiresAt": issued.row.expires_at, "user": shown_user(user)}
    return answer({"message": "Signed in.", "code": 200, "data": data})


def _credentials(request: HttpRequest) -> tuple[str, str]:
    """Return the username (or e-mail) and password of a JSON object or a form."""
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        given = request.POST.dict()
    else:
        try:
            given = orjson.loads(request.body) if len(request.body) <= LARGEST else None
        except ValueError:
            given = None
    if not isinstance(given, dict):
        raise Problem("invalid_json")
    for name in ("username", "password"):
        if not isinstance(given.get(name), str) or not given[name]:
            raise field_error(name, "required", "Expected a text.")
    if "\x00" in given["username"]:
        raise Problem("login_failed")  # no name holds it, and PostgreSQL could not even look
    return given["username"], given["password"]
