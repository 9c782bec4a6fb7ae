"""The pages that say no, or not here: small, clear, nothing on them to click but help (tokens.md section
5).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from api.errors import Problem, problem_response
from settings_app.queries import remembered
from tokens import policy

# Whoever frames a refusal may read why: its text holds no secret, and there is nothing to click.
OPEN_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors *"
)


def login_page(request: HttpRequest, problem: Problem, *, origin: str, surface: str) -> HttpResponse:
    """Return the refusal of a login. `origin` is what sent the browser here; it is told by `embed_error`."""
    return _page(
        request, problem, {"origin": origin, "parent": origin, "event": "embed_error", "surface": surface}
    )


def session_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the page in the place of one whose session is over; its parent is told by `session_ended`."""
    parent = request.handoff.session_embedder if request.handoff else ""
    event = "session_ended" if problem.status == 401 else "embed_error"
    return _page(request, problem, {"origin": "", "parent": parent, "event": event, "surface": ""})


def _page(request: HttpRequest, problem: Problem, context: dict[str, Any]) -> HttpResponse:
    context |= {
        "problem": problem,
        "request_id": getattr(request, "id", ""),
        # As this process last read it: refusing a forged token must not touch the database.
        "support": remembered("general", "supportAddress"),
        "desk": remembered("general", "deskName"),
    }
    response = HttpResponse(render_to_string("handoff/refused.html", context), status=problem.status)
    response[policy.CSP] = OPEN_POLICY
    response["Referrer-Policy"] = "no-referrer"  # the page's own address holds the token
    response["Cache-Control"] = "no-store"
    challenge = problem_response(request, problem).headers
    for name in ("WWW-Authenticate", *problem.headers):
        if name in challenge:
            response[name] = challenge[name]
    return response


def cookieless_page(request: HttpRequest) -> HttpResponse:
    """Explain an admin page whose browser keeps no cookie in this place, and offer a tab of its own.

    The tab is opened with a fresh one-time code, which the page's script asks for with the one it was
    opened with.
    """
    context = {
        "handle": request.handoff.session_handle,
        "desk": remembered("general", "deskName"),
        "user": request.handoff.user,
    }
    response = HttpResponse(render_to_string("handoff/cookieless.html", context))
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "no-store"
    return response
