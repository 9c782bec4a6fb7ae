"""What a login request must satisfy by its kind: tokens.md section 3, the rows that concern the handoff."""

from typing import NamedTuple

from django.http import HttpRequest

from api.errors import Problem
from tokens import cookies, domains
from tokens.authentication import as_caller
from tokens.origins import Facts, check_listed
from tokens.rows import Row

METHODS = ("GET", "POST")
FRAMES = ("iframe", "frame")

# How a session was opened, which decides about its jar and about who may frame its pages.
TOP = "top"  # in a window of its own
FRAME = "frame"  # https in a cross-site frame: the partitioned jar
INNER = "inner"  # in a frame of the same site
OPEN = "open"  # the browser does not say (plain http): perhaps in a frame


class Place(NamedTuple):
    """Where a login request comes from: how the session will be opened, and the origin that sent the
    browser here.

    `given` is what Origin or Referer name: an origin, "" when nothing was sent, None when it is no origin.
    """

    kind: str
    framed: bool
    cross_site: bool
    given: str | None

    @property
    def jar(self) -> str:
        return cookies.FRAME if self.kind == FRAME else cookies.TOP


def check_kind(request: HttpRequest) -> None:
    """Let only what a person opens pass. Raises Problem `method_not_allowed`, `speculative_request`,
    `navigation_required`.

    Without this, an `<img>` on any page could log its visitor in as somebody else.
    """
    meta = request.META
    if request.method not in METHODS:
        raise Problem("method_not_allowed", headers={"Allow": ", ".join(METHODS)})
    purpose = ",".join(meta.get(name, "") for name in ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ"))
    if "prefetch" in purpose.lower() or "prerender" in purpose.lower():
        raise Problem("speculative_request")
    mode, destination = meta.get("HTTP_SEC_FETCH_MODE", ""), meta.get("HTTP_SEC_FETCH_DEST", "")
    if mode not in ("", "navigate") or destination not in ("", "document", *FRAMES):
        raise Problem("navigation_required")


def place_of(request: HttpRequest, facts: Facts) -> Place:
    """Return where a login request comes from."""
    site = request.META.get("HTTP_SEC_FETCH_SITE", "")
    destination = request.META.get("HTTP_SEC_FETCH_DEST", "")
    framed = destination in FRAMES
    given = given_origin(facts)
    # Old browsers and plain http do not say; then only the desk's own pages are surely of the same site.
    cross = site == "cross-site" if site else given != facts.own_origin
    if not destination:
        kind = OPEN
    elif not framed:
        kind = TOP
    elif not cross:
        kind = INNER
    else:
        kind = FRAME if request.is_secure() else OPEN
    return Place(kind, framed, cross, given)


def given_origin(facts: Facts) -> str | None:
    """Return the origin that Origin (of a POST) or else Referer name, "" for none, None for what is no
    origin.
    """
    if facts.method == "POST" and facts.origin is not None:
        if facts.origin == "null":
            return ""
        parsed = domains.parse_origin(facts.origin)
        return str(parsed) if parsed else None
    return domains.origin_of_url(facts.referer) if facts.referer else ""


def check_place(place: Place, facts: Facts, row: Row) -> None:
    """Let a login pass by the token's domain list. Raises Problem `domain_not_allowed` or `referrer_missing`.

    A framed request that names no origin is admitted: frame-ancestors of the landing page decides in the
    browser.
    """
    if not row.domains:
        return
    if place.given is None:
        raise Problem(
            "domain_not_allowed", "The Origin or Referer of this request is not one that browsers send."
        )
    if place.given:
        check_listed(place.given, facts, row.domains)
    elif not place.framed and not row.allow_no_origin:
        raise Problem("referrer_missing")


def check_surface(row: Row, surface: str) -> None:
    """Raise Problem `surface_not_permitted` unless token and user may open the surface at this moment."""
    one_time_elsewhere = bool(row.surface) and row.surface != surface
    if one_time_elsewhere or not as_caller(row, None).allows(f"login:{surface}"):
        raise Problem("surface_not_permitted")


def only_token(request: HttpRequest) -> str:
    """Return the one `accessToken` of the query and the form. Raises Problem `token_missing` or
    `token_repeated`.
    """
    found = [*request.GET.getlist("accessToken"), *request.POST.getlist("accessToken")]
    if len(found) > 1:
        raise Problem("token_repeated")
    if not found or not found[0]:
        raise Problem("token_missing")
    return found[0]
