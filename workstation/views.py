"""The agent's page, its sign-in page and its texts; without any data: the page asks the public API."""

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from tokens.policy import panel_origins
from workstation.assets import modules
from workstation.languages import language_of, supported, theme_of

HANDLE = "h"  # names the session that a login handoff opened (tokens.md section 4)
# A part of the workstation alone; a conversation or ticket is named by its id.
PART = re.compile(r"(?P<part>inbox|thread|ticket|badge|stats)(?::(?P<id>[\w-]{1,64}))?", re.ASCII)
KEPT = (HANDLE, "lang", "theme", "view", "chrome")


def without_slash(request: HttpRequest) -> HttpResponse:
    """Send /agent on to /agent/, with nothing of the address but what the page knows."""
    kept = {name: request.GET[name] for name in KEPT if name in request.GET}
    return HttpResponseRedirect("/agent/" + (f"?{urlencode(kept)}" if kept else ""))


@never_cache
@require_safe
@gzip_page
def workstation(request: HttpRequest) -> HttpResponse:
    """Show the workstation, or, to who comes with no session at all, how to get in.

    Whether a session named by `?h=` is alive, only the page itself can find out: its cookie may be blocked.
    """
    if HANDLE not in request.GET and not request.user.is_authenticated:
        return page(request, "agent/welcome.html")
    request.framed_origins = panel_origins()  # type: ignore[attr-defined]  # tokens.policy admits these
    named = PART.fullmatch(request.GET.get("view", ""))
    part, part_of = (named["part"], named["id"] or "") if named else ("", "")
    bare = request.GET.get("chrome") == "0"
    context = {"modules": modules(), "part": part, "part_of": part_of, "bare": bare}
    return page(request, "agent/index.html", context)


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a page of the workstation in its language and theme."""
    language = language_of(request)
    with translation.override(language):
        shared = {"language": language, "theme": theme_of(request)}
        response = render(request, template, shared | (context or {}), status=status)
    response["Content-Language"] = language
    return response


@require_safe
@gzip_page
def texts(request: HttpRequest) -> HttpResponse:
    """Serve the page's texts in the language `lang=` names (Django's JavaScript catalogue)."""
    language = supported(request.GET.get("lang", "")) or "en"
    with translation.override(language):
        response = JavaScriptCatalog.as_view(packages=["workstation"])(request)
    response["Content-Language"] = language
    response["Cache-Control"] = "public, max-age=300"
    return response


class Login(LoginView):
    """Sign in with a password (a token link needs none). Repeated failures lock it for a while (axes)."""

    template_name = "agent/login.html"
    redirect_authenticated_user = True
    next_page = "/agent/"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(language_of(request)):
            response = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
        if getattr(request, "axes_locked_out", False):
            # Our page says it better than the middleware's bare text, so that need not answer any more.
            request.axes_locked_out = False
            response = page(request, self.template_name, {"form": self.get_form(), "locked": True}, 429)
        response["Cache-Control"] = "no-store"
        return response

    def get_success_url(self) -> str:
        return self.next_page

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "language": language_of(self.request),
            "theme": theme_of(self.request),
        }
