"""Every refusal: one exception, one shape (RFC 9457 problem details), one handler."""

import logging
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as drf

from api.codes import CODES
from api.rendering import dumps

log = logging.getLogger("inlay.errors")
# An error page holds nothing to click and no secret, so it may show its code in a frame as well.
ERROR_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"


class Problem(Exception):
    """A refusal with a stable reason code of api.codes.

    `errors` lists fields as `{"field", "code", "detail"}`; `extra` members join the problem's JSON.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.code = code
        self.status, self.title, self.advice = CODES[code]
        self.detail = detail or self.advice
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = extra
        super().__init__(code)

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the members of the problem+json document."""
        return {
            "type": f"/api/errors#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "requestId": request_id,
            **({"errors": self.errors} if self.errors else {}),
            **self.extra,
        }


def field_error(field: str, code: str, detail: str) -> Problem:
    """Return the refusal of one field."""
    return Problem("validation_failed", detail, errors=[{"field": field, "code": code, "detail": detail}])


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the problem as an application/problem+json answer, with its challenge or retry headers."""
    body = dumps(problem.body(getattr(request, "id", "")))
    response = HttpResponse(body, status=problem.status, content_type="application/problem+json")
    if problem.status == 401:
        bare = problem.code in {"not_authenticated", "login_failed"}
        challenge = "" if bare else f', error="invalid_token", error_description="{problem.code}"'
        response["WWW-Authenticate"] = f'Bearer realm="desk"{challenge}'
    elif problem.code == "insufficient_scope":
        scope = problem.extra.get("scope", "")
        response["WWW-Authenticate"] = f'Bearer realm="desk", error="insufficient_scope", scope="{scope}"'
    for name, value in problem.headers.items():
        response[name] = value
    return response


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Turn whatever a view raised into a problem (DRF's EXCEPTION_HANDLER)."""
    request = context["request"]._request
    return problem_response(request, as_problem(exc))


def as_problem(exc: Exception) -> Problem:
    """Return the problem an exception stands for; what nobody foresaw is logged and becomes
    `internal_error`."""
    match exc:
        case Problem():
            return exc
        case drf.ValidationError():
            return Problem("validation_failed", errors=list(_flatten(exc.get_full_details())))
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            return Problem("not_authenticated")
        case drf.PermissionDenied() | PermissionDenied():
            return Problem("role_not_permitted")
        case Http404() | drf.NotFound():
            return Problem("not_found")
        case drf.MethodNotAllowed():
            return Problem("method_not_allowed", str(exc.detail))
        case drf.UnsupportedMediaType():
            return Problem("unsupported_media_type", str(exc.detail))
        case RequestDataTooBig():
            return Problem("body_too_large")
        case drf.APIException() | SuspiciousOperation():
            return Problem("bad_request")
        case IntegrityError():
            # Somebody deleted what this refers to, or took its unique value, while the request was under way.
            log.warning("a change came too late: %s", exc)
            return Problem("invalid_state", "Something this refers to has changed meanwhile; read it again.")
        case DataError():
            return Problem("bad_request", "A value is out of the range that can be stored.")
        case OperationalError() | InterfaceError():
            log.error("database unavailable: %s", exc)
            return Problem("unavailable", headers={"Retry-After": "2"})
    log.exception("unforeseen error", exc_info=exc)
    return Problem("internal_error")


def _flatten(details: Any, path: str = "") -> Iterable[dict[str, str]]:
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {"field": path, "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _flatten(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(details, list):
        for inner in details:
            yield from _flatten(inner, path)


def page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer with the problem as JSON under /api/, and as a small page of the desk elsewhere."""
    if request.path_info.startswith("/api/"):
        return problem_response(request, problem)
    from django.template.loader import render_to_string

    context = {"problem": problem, "request_id": getattr(request, "id", "")}
    response = HttpResponse(render_to_string("error.html", context), status=problem.status)
    response["Content-Security-Policy"] = ERROR_POLICY
    response["Referrer-Policy"] = "no-referrer"  # a mistyped login URL holds a token
    for name, value in problem.headers.items():
        response[name] = value
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return page(request, as_problem(exception) if isinstance(exception, Problem) else Problem("bad_request"))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return page(request, Problem("role_not_permitted"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return page(request, Problem("not_found"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; a database that is down is 503, never an open door."""
    error = sys.exc_info()[1]
    return page(request, as_problem(error) if isinstance(error, Exception) else Problem("internal_error"))
