"""What every page says about itself: exactly one Content-Security-Policy, and who may frame it (tokens.md
section 4).
"""

import secrets
from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from settings_app.queries import remembered, setting
from tokens import domains
from tokens.handoff import checks

CSP = "Content-Security-Policy"
ANYBODY = ["*"]
NOBODY = ["'none'"]
# unfold's Alpine evaluates the expressions in its attributes, and its charts and widgets style elements
# inline.
ADMIN = {"script-src": "'unsafe-eval'", "style-src": "'unsafe-inline'"}


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def ancestors(request: HttpRequest) -> list[str]:
    """Return the frame-ancestors sources of a page, from the session that its cookie or its `?h=` names.

    Every source is written anew from parsed entries, so that no stored text can inject into the policy.
    """
    row = getattr(request, "handoff", None)
    if row is None:
        return ["'self'"]
    if row.domains:
        return ["'self'", *domains.frame_ancestors(row.domains, request.scheme or "http")]
    # Over plain http a browser does not say whether it frames. The admin may then be in a window of its own,
    # whose cookie a page of the same site shares: any page could lay it under its own buttons.
    open_admin = row.session_kind == checks.OPEN and row.session_surface == "admin"
    if row.session_kind in (checks.FRAME, checks.OPEN) and not open_admin:
        return ANYBODY  # no other page shares the frame's cookie or bearer
    known = row.session_kind == checks.INNER or open_admin
    embedder = domains.parse_origin(row.session_embedder or "") if known else None
    return ["'self'", str(embedder)] if embedder else ["'self'"]


def panel_origins() -> list[str]:
    """Return the origins of the panels that the settings name, each written anew from what was parsed."""
    found = (domains.origin_of_url(panel["url"]) for panel in setting("panels", "pages"))
    return sorted({origin for origin in found if origin})


def policy(
    *,
    nonce: str,
    frame_ancestors: list[str],
    admin: bool = False,
    frames: Iterable[str] = (),
    forms: Iterable[str] = (),
    pictures: Iterable[str] = (),
) -> str:
    """Return the one Content-Security-Policy of a page; `frames`, `forms` and `pictures` are the sources that
    it may show in frames, send forms to and show pictures of, besides its own.
    """
    script, style = f"'self' 'nonce-{nonce}'", f"'self' 'nonce-{nonce}'"
    if admin:
        script, style = f"{script} {ADMIN['script-src']}", f"'self' {ADMIN['style-src']}"
    directives = {
        "default-src": "'self'",
        "script-src": script,
        "style-src": style,
        "img-src": " ".join(["'self' data: blob:", *settings.ATTACHMENT_ORIGINS, *pictures]),
        "media-src": " ".join(["'self' blob:", *settings.ATTACHMENT_ORIGINS]),
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": " ".join(["'self'", *forms]),
        "frame-ancestors": " ".join(frame_ancestors),
    }
    if frames := list(frames):
        directives["frame-src"] = " ".join(["'self'", *frames])
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def apply(request: HttpRequest, response: HttpResponse) -> None:
    """Put a page's policy on the answer, unless its view has written its own; what is no page may not be
    framed.
    """
    headers = response.headers
    page = headers.get("Content-Type", "").startswith("text/html") and request.method != "OPTIONS"
    if not page:
        headers.setdefault("X-Frame-Options", "DENY")
        if 300 <= response.status_code < 400:
            headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
        return
    own = CSP in headers
    if not own:
        admin = request.path_info.startswith("/admin/")
        headers[CSP] = policy(
            nonce=request.csp_nonce,
            frame_ancestors=ancestors(request),
            admin=admin,
            frames=getattr(request, "framed_origins", ()),
        )
    if "frame-ancestors 'none'" in headers[CSP]:
        headers["X-Frame-Options"] = "DENY"
        return
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
    # A refusal writes its own policy and reads no database: a forged token must cost no statement.
    if (remembered if own else setting)("embedding", "crossOriginIsolation"):
        headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
