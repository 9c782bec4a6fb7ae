"""Facts about a request that several apps ask for."""

import contextvars
import ipaddress
import re
from dataclasses import dataclass

from django.http import HttpRequest

IPV6_SITE = 64  # bits
REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """Who asks, as the audit wants to know it; never the token itself."""

    id: str = ""
    ip: str = ""
    origin: str = ""
    agent: str = ""


current: contextvars.ContextVar[RequestFacts] = contextvars.ContextVar(
    "request_facts", default=RequestFacts()
)


def client_ip(request: HttpRequest) -> str:
    """Return the caller's address; config.proxies has already judged X-Forwarded-For (TRUSTED_PROXIES)."""
    return request.META.get("REMOTE_ADDR", "")


def site_of(address: str) -> str:
    """Return what counts as one caller where calls are counted: an address, of IPv6 its network of 64 bits.

    Who has one address of such a network has them all.
    """
    if ":" not in address:  # of IPv4; the peer of a Unix socket has none
        return address
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), IPV6_SITE), strict=False))


def own_origin(request: HttpRequest) -> str:
    """Return the origin under which the caller reached this desk, as a browser serialises it.

    Raises DisallowedHost for a host that ALLOWED_HOSTS does not name.
    """
    known = getattr(request, "own_origin", "")
    if not known:
        asked = request.scheme or "http", request.META.get("HTTP_HOST", "")
        known = _origins.get(asked) or _origin(request, *asked)
        request.own_origin = known
    return known


_origins: dict[tuple[str, str], str] = {}  # of hosts that were let in


def _origin(request: HttpRequest, scheme: str, named: str) -> str:
    host = request.get_host().lower().removesuffix(":443" if scheme == "https" else ":80")
    if named and len(_origins) < 1000:
        _origins[scheme, named] = f"{scheme}://{host}"
    return f"{scheme}://{host}"
