"""Middleware of pages: Django's own, the session of the two jars, the handoff's session, and the page's
policy.
"""

import gzip
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from axes.middleware import AxesMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from api.errors import Problem, page
from api.requests import own_origin
from events.services import announce_access_change
from tokens import cookies, policy, rows
from tokens.authentication import judge_session
from tokens.caller import Caller
from tokens.handoff import refusals, services
from tokens.origins import facts_of

API = ("/api/", "/files/")  # what no session has a part in


class PageSecurity(SecurityMiddleware):
    """Django's headers; Cross-Origin-Opener-Policy on https only, where browsers heed it."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        if not request.is_secure():
            response.headers.pop("Cross-Origin-Opener-Policy", None)
        return response


class PageStatic(WhiteNoiseMiddleware):
    """WhiteNoise, with texts compressed as well as can be, once, and kept: nobody ran a build step."""

    COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml")
    ACCEPTS = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
    MOST = 2_000  # files kept; more than there are, unless they change all the time

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.packed: dict[tuple[str, str], bytes] = {}

    def serve(self, static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        if known := request.META.get("HTTP_IF_NONE_MATCH"):
            request.META["HTTP_IF_NONE_MATCH"] = known.removeprefix(
                "W/"
            )  # WhiteNoise compares letter by letter
        response = super().serve(static_file, request)
        if response.status_code != 200 or not response["Content-Type"].startswith(self.COMPRESSED):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if request.method != "GET" or not self.ACCEPTS.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            return response
        return self._packed((request.path_info, response["ETag"]), response)

    def _packed(self, version: tuple[str, str], response: HttpResponse) -> HttpResponse:
        body = self.packed.get(version)
        if body is None:
            if len(self.packed) >= self.MOST:
                self.packed.clear()
            # Without the random padding of GZipMiddleware: static files hold nothing to guess at.
            body = self.packed[version] = gzip.compress(b"".join(response.streaming_content), mtime=0)
        response.close()
        headers = dict(response.headers) | {
            "Content-Encoding": "gzip",
            "Content-Length": str(len(body)),
            "ETag": f"W/{response['ETag']}",
        }
        return HttpResponse(body, headers=headers)


class PageSession(SessionMiddleware):
    """Django's sessions, in the jar that the request means; a login writes the jar it was made for."""

    def process_request(self, request: HttpRequest) -> None:
        if cookies.load(request) is None:
            request.session_jar = cookies.jar_of(request)
            request.session = cookies.nobodys(request, request.session_jar)
            request.handoffs_before = []

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session, jar = request.session, request.session_jar
        name = cookies.name_of(request, jar)
        # Signing out, signing in as somebody else: the token sessions that the browser lost are over.
        held = {UUID(each) for each, _ in session.get(cookies.HANDOFFS, {}).values()}
        if gone := [each for each in request.handoffs_before if each not in held]:
            services.end_sessions(gone, reason=getattr(request, "ended_because", "session_ended"))
        if session.is_empty():
            if request.session_loaded and name in request.COOKIES:
                cookies.delete(response, request, jar)
                announce_access_change(f"user:{request.session_user}")  # its streams are judged again
            return response
        if session.modified and response.status_code < 500:
            session.save()
        if session.session_key and request.COOKIES.get(name) != session.session_key:
            cookies.write(response, request, jar, session.session_key)
        return response


class HandoffSessionMiddleware:
    """Judges a page's token session again on each request, and ends it with its token.

    Leaves `request.handoff` (the row that the cookie or `?h=` names), `request.caller` (who acts by it,
    only with its cookie) and `request.handoff_problem` (why it is over).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.handoff = request.caller = request.handoff_problem = None
        try:
            answer = self.admit(request)
        except Problem as problem:
            return refusals.session_page(request, problem)
        response = answer or self.get_response(request)
        if "accessToken" in request.GET and "accessToken" in response.get("Location", ""):
            # A mistyped login URL: the admin's own sign-in would carry the token on in `next`.
            response["Location"] = response["Location"].partition("?")[0]
        return response

    def admit(self, request: HttpRequest) -> HttpResponse | None:
        """Return an answer in the place of the page, None to go on. Raises the Problem that ends a page's
        session.
        """
        surface = cookies.surface_of(request.path_info)
        handle = request.GET.get("h", "")
        session_id = cookies.handoff_of(request, request.session) if request.session_loaded else None
        caller = None
        if session_id:
            caller = request.caller = self.judge(request, rows.by_session(session_id))
            if caller:
                request.user = caller.user
            else:
                request.user = AnonymousUser()
                request.ended_because = request.handoff_problem.code
                cookies.forget_handoff(request.session, session_id)
        elif cookies.HANDLE.fullmatch(cookies.wanted_of(request)):
            # A handle is public: it says whose policy holds, and lets nobody act.
            caller = self.judge(request, rows.by_handle(cookies.wanted_of(request)))
        elif handle:
            request.handoff_problem = Problem("session_ended")
        if not surface:
            return None
        if request.handoff_problem:
            if request.other_session and request.META.get("HTTP_SEC_FETCH_DEST") == "document":
                return HttpResponseRedirect(request.path_info)  # an old bookmark of who is signed in anew
            raise request.handoff_problem
        return self.surface(request, surface, handle, caller) if caller else None

    def judge(self, request: HttpRequest, row: rows.Row | None) -> Caller | None:
        """Return who a session's row stands for now, None (and why) when it is over."""
        try:
            if row is None:
                raise Problem("session_ended")
            request.handoff = row
            return judge_session(row, facts_of(request.META, own_origin(request)))
        except Problem as problem:
            request.handoff_problem = problem
            return None

    def surface(self, request: HttpRequest, surface: str, handle: str, caller: Caller) -> HttpResponse | None:
        """Let a live session see the pages of the surface it was opened for, while the rights for it last."""
        if request.handoff.session_surface != surface or not caller.allows(f"login:{surface}"):
            raise Problem("surface_not_permitted")
        if request.caller is None:
            # The workstation opens its session by script; the admin's pages need a cookie.
            return refusals.cookieless_page(request) if surface == "admin" else None
        if surface == "admin" and handle:
            services.void_code(caller.session_id)
            # An empty fragment takes the one-time code out of the address; a redirect without one would
            # keep it.
            return HttpResponseRedirect(f"{request.path_info}#")
        return None


class PagesMiddleware:
    """The middlewares of pages, which requests of the API pass by in one step: all of them together would
    double what a list costs (design.md).
    """

    stack = (
        PageSecurity,
        PageStatic,
        PageSession,
        LocaleMiddleware,
        CsrfViewMiddleware,
        AuthenticationMiddleware,
        HandoffSessionMiddleware,
        MessageMiddleware,
        AxesMiddleware,
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.api = self.pages = get_response
        for each in reversed(self.stack):
            middleware = each(self.pages)
            if each is CsrfViewMiddleware:
                self.csrf = middleware
            self.pages = convert_exception_to_response(middleware)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.api(request) if request.path_info.startswith(API) else self.pages(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """The one hook that one of them has."""
        return None if request.path_info.startswith(API) else self.csrf.process_view(request, *view)


class PagePolicyMiddleware:
    """Exactly one Content-Security-Policy for every page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.csp_nonce = policy.new_nonce()
        response = self.get_response(request)
        policy.apply(request, response)
        return response


def page_context(request: HttpRequest) -> dict:
    """What every template may use: the nonce of the page's inline scripts and styles."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return page(request, Problem("csrf_failed"))
