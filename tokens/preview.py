"""The page that stands for a foreign site in the embed studio: without data, framed by the studio.

It is served under a host name other than the desk's own, so that browsers keep the two apart: localhost and
127.0.0.1 for each other, elsewhere INLAY_PREVIEW_ORIGIN. From the environment alone: the page gets one-time
tokens, so whoever may change settings must not choose who gets them.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.requests import own_origin
from tokens import domains, policy

LOOPBACK = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


def preview_origin(request: HttpRequest) -> str:
    """Return a foreign origin under which this very desk answers too, or "" where none is known."""
    if stated := domains.parse_origin(settings.PREVIEW_ORIGIN):
        return str(stated)
    scheme, _, place = own_origin(request).partition("://")
    host, colon, port = place.partition(":")
    return f"{scheme}://{LOOPBACK[host]}{colon}{port}" if host in LOOPBACK else ""


@never_cache
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """Show the page; `desk` names the desk whose studio frames it, the only one that it listens to."""
    desk = domains.parse_origin(request.GET.get("desk", ""))
    response = render(request, "handoff/preview.html", {"desk": str(desk or "")}, status=200 if desk else 400)
    # It holds nothing and believes only the desk it was made for; whoever frames it sees an empty page.
    response[policy.CSP] = policy.policy(
        nonce=request.csp_nonce,
        frame_ancestors=[str(desk)] if desk else policy.NOBODY,
        frames=[str(desk)] if desk else (),
        forms=[str(desk)] if desk else (),
    )
    # It stands for a page as they come: the login has to learn from where it is framed.
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
