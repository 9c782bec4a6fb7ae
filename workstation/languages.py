"""Which language and theme a page of the workstation is shown in."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

THEMES = ("light", "dark")


def language_of(request: HttpRequest) -> str:
    """Return the language of a page: `lang=` if spoken here, else the user's own, else the browser's."""
    own = getattr(getattr(request, "user", None), "language", "")
    for wanted in (request.GET.get("lang", ""), own):
        if found := supported(wanted):
            return found
    return translation.get_language_from_request(request)


def supported(wanted: str) -> str:
    """Return the desk's own code for a language tag ("zh", "zh-CN" and "zh_Hans" are zh-hans), or ""."""
    tag = wanted.strip().replace("_", "-").lower()
    if tag == "zh" or tag.startswith("zh-"):
        return "zh-hans"
    base = tag.split("-", 1)[0]
    return next((code for code, _ in settings.LANGUAGES if code in (tag, base)), "")


def theme_of(request: HttpRequest) -> str:
    """Return `light` or `dark` where the address says so, else `auto`: as the reader's system prefers."""
    wanted = request.GET.get("theme", "")
    return wanted if wanted in THEMES else "auto"
