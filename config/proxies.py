"""Whose X-Forwarded-* is believed: only that of the declared proxies (TRUSTED_PROXIES), nobody else's."""

import ipaddress
from collections.abc import Callable

from django.conf import settings

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")

UNTRUSTED = (
    "inlay.untrusted_proxy"  # it came through a proxy nobody declared: its address is not the client's
)


class ForwardedHeaders:
    """Wraps a WSGI application: takes the client's address, scheme and host from a trusted proxy, drops all
    others."""

    def __init__(self, application: Callable) -> None:
        self.application = application
        self.networks = [ipaddress.ip_network(each, strict=False) for each in settings.TRUSTED_PROXIES]

    def __call__(self, environ: dict, start_response: Callable):
        self.judge(environ)
        return self.application(environ, start_response)

    def judge(self, environ: dict) -> None:
        """Put the client's own address, scheme and host into an environment, and take out what was said of
        them."""
        forwarded = {name: environ.pop(name, "") for name in FORWARDED}
        if self.networks and self.trusts(environ.get("REMOTE_ADDR", "")):
            self.believe(environ, forwarded)
        elif forwarded["HTTP_X_FORWARDED_FOR"]:
            environ[UNTRUSTED] = True

    def trusts(self, address: str) -> bool:
        """Whether the address belongs to a declared proxy; a Unix socket's peer has none and counts as
        one."""
        if not address:
            return True
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)

    def believe(self, environ: dict, forwarded: dict[str, str]) -> None:
        hops = [hop.strip() for hop in forwarded["HTTP_X_FORWARDED_FOR"].split(",") if hop.strip()]
        # From the right: the last hop that no trusted proxy wrote is the client; what stands left of it is
        # hearsay.
        client = next((hop for hop in reversed(hops) if not self.trusts(hop)), hops[0] if hops else "")
        if _is_address(client):
            environ["REMOTE_ADDR"] = client
        scheme = forwarded["HTTP_X_FORWARDED_PROTO"].split(",")[-1].strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        host = forwarded["HTTP_X_FORWARDED_HOST"].split(",")[-1].strip()
        if host:
            environ["HTTP_HOST"] = host


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
