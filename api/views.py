"""The view every endpoint of the API is: authentication, scope, idempotency and conditional writes in one
place."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api import idempotency
from api.errors import Problem, problem_response


class ApiView(APIView):
    """A view of one family: `family` names its scopes (api.permissions), `idempotent` admits
    Idempotency-Key."""

    family = ""
    idempotent = True
    redact = None  # a function that takes secrets out of an answer before it is kept for replay
    default_response_headers: dict[
        str, str
    ] = {}  # DRF would work out `Allow` for every answer; a 405 names it

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.META.get("HTTP_IDEMPOTENCY_KEY")
        if key is None or request.method != "POST" or not self.idempotent:
            return super().dispatch(request, *args, **kwargs)
        return self._dispatch_once(request, key, *args, **kwargs)

    def _dispatch_once(self, request: HttpRequest, key: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """As dispatch, with the handler inside the key's transaction; the checks before it stay outside."""
        self.args, self.kwargs, self.headers = args, kwargs, {}
        request = self.request = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(request, *args, **kwargs)
            handler = getattr(self, "post", self.http_method_not_allowed)
            response = idempotency.once(
                request, key, lambda: handler(request, *args, **kwargs), redact=self.redact
            )
        except Exception as error:  # noqa: BLE001 - the one handler decides, as in APIView.dispatch
            response = self.handle_exception(error)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        return self.response

    def finalize_response(self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if status := getattr(request._request, "access_token_status", ""):
            response["X-Access-Token-Status"] = status  # "rotated": the caller should change over
        return response

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        raise Problem("method_not_allowed", headers={"Allow": ", ".join(self.allowed_methods)})


def fields(request: Request) -> dict[str, Any]:
    """Return the body as an object. Raises Problem `invalid_json` when it is an array or a bare value."""
    if not isinstance(request.data, dict):
        raise Problem("invalid_json", "Expected one JSON object.")
    return request.data


def check_match(request: Request, etag: str, current: Any) -> None:
    """Raise Problem `conflict` with the current object when If-Match names another version (RFC 9110
    13.1.1)."""
    wanted = request.META.get("HTTP_IF_MATCH", "").strip()
    if wanted and wanted != "*" and etag not in [tag.strip() for tag in wanted.split(",")]:
        raise Problem("conflict", current=current, headers={"ETag": etag})


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Answer 404 for every path under /api/ that is no endpoint, a slash at the end included."""
    return problem_response(
        request, Problem("not_found", "No endpoint has this path (none ends with a slash).")
    )
