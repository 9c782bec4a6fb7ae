"""The first and last thing every request meets: its id, the host check, and what holds for each answer."""

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.errors import Problem, page
from api.requests import REQUEST_ID, RequestFacts, client_ip, current, own_origin

REFUSED_BODY = "inlay.refused_body"  # the reason code of a body that config.asgi would not read


class RequestMiddleware:
    """Gives the request an id, remembers its facts for events, and refuses what no part of the desk can
    read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        given = meta.get("HTTP_X_REQUEST_ID", "")
        request.id = given if given and REQUEST_ID.fullmatch(given) else os.urandom(16).hex()
        facts = RequestFacts(
            request.id,
            client_ip(request),
            meta.get("HTTP_ORIGIN", "")[:300],
            meta.get("HTTP_USER_AGENT", "")[:300],
        )
        remembered = current.set(facts)
        try:
            response = self._answer(request)
        finally:
            current.reset(remembered)
        response["X-Request-Id"] = request.id
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return page(request, Problem("bad_request", "The address holds the character U+0000."))
        if refusal := request.META.get(REFUSED_BODY):
            later = {"Retry-After": "5"} if refusal == "uploads_busy" else {}
            return page(request, Problem(refusal, headers=later))
        own_origin(request)  # raises DisallowedHost, which becomes a 400
        return self.get_response(request)
