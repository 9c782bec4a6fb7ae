"""Middleware of pages: Django's own, which step aside for /api/, and the session of the two jars."""

from collections.abc import Callable

from axes.middleware import AxesMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

from api.errors import Problem, page
from tokens import cookies

API = "/api/"


class PagesOnly:
    """Mixed into a middleware: requests of the API pass it by."""

    get_response: Callable[[HttpRequest], HttpResponse]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(API):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class PageSecurityMiddleware(PagesOnly, SecurityMiddleware):
    pass


class PageStaticMiddleware(PagesOnly, WhiteNoiseMiddleware):
    pass


class PageSessionMiddleware(PagesOnly, SessionMiddleware):
    """Django's sessions, in the jar that the request means; a login writes the jar it was made for."""

    def process_request(self, request: HttpRequest) -> None:
        if cookies.load(request) is None:
            request.session_jar = cookies.jar_of(request)
            request.session = SessionStore()

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session, jar = request.session, request.session_jar
        name = cookies.name_of(request, jar)
        if session.is_empty():
            if name in request.COOKIES and getattr(request, "session_ended", False):
                cookies.delete(response, request, jar)
            return response
        if session.modified and response.status_code < 500:
            session.save()
        if request.COOKIES.get(name) != session.session_key:
            cookies.write(response, request, jar, session.session_key)
        return response


class PageLocaleMiddleware(PagesOnly, LocaleMiddleware):
    pass


class PageCsrfMiddleware(PagesOnly, CsrfViewMiddleware):
    pass


class PageAuthenticationMiddleware(PagesOnly, AuthenticationMiddleware):
    pass


class PageMessageMiddleware(PagesOnly, MessageMiddleware):
    pass


class PageAxesMiddleware(PagesOnly, AxesMiddleware):
    pass


class PageHandoffSessionMiddleware:
    """Ends a page's session with the token that opened it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class PagePolicyMiddleware(PageHandoffSessionMiddleware):
    """Exactly one Content-Security-Policy for every page."""


def page_context(request: HttpRequest) -> dict:
    """What every template may use."""
    return {}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return page(request, Problem("csrf_failed"))
