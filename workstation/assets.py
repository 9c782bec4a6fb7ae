"""The page's modules: which ones a browser fetches first, so that no import waits for another."""

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static


@cache
def modules() -> list[str]:
    """Return the addresses of every module of the workstation."""
    folder = Path(finders.find("agent") or "")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.js"))
    return [static(f"agent/{name}") for name in names]
