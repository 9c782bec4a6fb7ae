"""CORS per token: whether a page of another origin may read an answer of the API (tokens.md section 5)."""

from typing import Any

from corsheaders.middleware import CorsMiddleware
from corsheaders.signals import check_request_enabled
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class OriginCorsMiddleware(CorsMiddleware):
    """django-cors-headers for requests with an Origin; the others need no more than `Vary`, and pay for no
    more."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_ORIGIN" in request.META:
            return super().__call__(request)
        response = self.get_response(request)
        if request.path_info.startswith("/api/"):
            patch_vary_headers(response, ("origin",))
        return response


def allowed(sender: Any, request: HttpRequest, **kwargs: Any) -> bool:
    """Let a preflight pass, and else repeat the verdict that the authenticator left; reads flags only, no
    database.
    """
    if not request.path_info.startswith("/api/"):
        return False
    if request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META:
        return True
    return getattr(request, "cors_allowed", False)


def connect() -> None:
    """Answer django-cors-headers' question; called once, when the app is ready."""
    check_request_enabled.connect(allowed, dispatch_uid="tokens.cors")
