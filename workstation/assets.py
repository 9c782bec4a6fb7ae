"""The page's modules: which ones a browser fetches first, so that no import waits for another."""

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

ENTRY = "agent/main.js"
# `import … from "./x.js"` and `import "./x.js"`; what `import(…)` fetches is fetched when it is needed.
IMPORT = re.compile(r"""^(?:import|export)\s[^"'()]*["'](\.{1,2}/[^"']+\.js)["']""", re.MULTILINE)


@cache
def modules() -> list[str]:
    """Return the addresses of every module that the workstation begins with."""
    root = Path(finders.find(ENTRY) or "").parent.parent
    names, waiting = set(), [ENTRY]
    while waiting:
        name = waiting.pop()
        if name in names:
            continue
        names.add(name)
        path = root / name
        for imported in IMPORT.findall(path.read_text()):
            waiting.append((path.parent / imported).resolve().relative_to(root).as_posix())
    return [static(name) for name in sorted(names)]
