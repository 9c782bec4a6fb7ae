"""The visitor's page, `/chat/`: without any data, framed by anybody; its modules ask the API for the rest."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tokens import policy

THEMES = ("light", "dark")
MODES = ("page", "widget")


@never_cache
@require_safe
def chat(request: HttpRequest) -> HttpResponse:
    """Show the visitor's page; its script reads the address's parameters (docs/chat.md)."""
    context = {
        "language": language_of(request),
        "theme": choice(request, "theme", THEMES, "auto"),
        "mode": choice(request, "mode", MODES, "page"),
        "modules": modules(),
    }
    response = render(request, "chat/index.html", context)
    response["Content-Language"] = context["language"]
    response[policy.CSP] = policy.policy(
        nonce=request.csp_nonce,
        frame_ancestors=policy.ANYBODY,
        pictures=["https:"],  # of cards: the desk's own people say where they are
    )
    return response


def choice(request: HttpRequest, name: str, known: tuple[str, ...], otherwise: str) -> str:
    wanted = request.GET.get(name, "")
    return wanted if wanted in known else otherwise


def language_of(request: HttpRequest) -> str:
    """Return the page's language: `lang=` if spoken here ("zh", "zh_CN": zh-hans), else the browser's."""
    tag = request.GET.get("lang", "").strip().replace("_", "-").lower()
    base = tag.split("-", 1)[0]
    wanted = "zh-hans" if base == "zh" else base
    if any(code == wanted for code, _ in settings.LANGUAGES):
        return wanted
    return translation.get_language_from_request(request)


@cache
def modules() -> list[str]:
    """Return the addresses of the page's modules, which a browser fetches at once."""
    folder = Path(finders.find("chat") or "")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.js"))
    return [static(f"chat/{name}") for name in names]
