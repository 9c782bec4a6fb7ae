"""From where a call may come: the rows of tokens.md section 3 that concern the API."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.errors import Problem
from tokens import domains


class Facts(NamedTuple):
    """What a request says about its place; kept with a stream, which is judged again by the same facts."""

    ip: str
    origin: str | None
    referer: str
    fetch_site: str
    own_origin: str
    method: str

    @property
    def scheme(self) -> str:
        return self.own_origin.partition(":")[0]

    @property
    def place(self) -> str:
        """The origin to count a call under, "" when a server called."""
        return self.origin or domains.origin_of_url(self.referer) or ""


def facts_of(meta: Mapping[str, str], own_origin: str) -> Facts:
    """Return the facts of a request from its headers."""
    return Facts(
        meta.get("REMOTE_ADDR", ""),
        meta.get("HTTP_ORIGIN"),
        meta.get("HTTP_REFERER", ""),
        meta.get("HTTP_SEC_FETCH_SITE", ""),
        own_origin,
        meta.get("REQUEST_METHOD", "GET"),
    )


def check_origin(facts: Facts, entries: Sequence[str], *, allow_no_origin: bool) -> None:
    """Let a call pass by the token's domain list, or raise Problem `domain_not_allowed` or
    `origin_missing`."""
    if not entries:
        return
    if facts.origin is not None:
        check_listed(facts.origin, facts, entries)
    elif referrer := (domains.origin_of_url(facts.referer) if facts.method == "GET" else None):
        check_listed(referrer, facts, entries)
    elif facts.fetch_site != "same-origin" and not allow_no_origin:
        raise Problem("origin_missing")


def check_listed(origin: str, facts: Facts, entries: Sequence[str]) -> None:
    """Raise Problem `domain_not_allowed` unless the origin is our own or in the list."""
    if origin != facts.own_origin and not domains.matches(entries, origin, facts.scheme):
        raise Problem("domain_not_allowed", f"{origin[:200]} is not in the token's domain list.")


def check_same_origin(facts: Facts) -> None:
    """Raise Problem `domain_not_allowed` unless the call comes from a page of this desk (cookie sessions, tab
    bearers)."""
    if facts.origin is not None:
        allowed = facts.origin == facts.own_origin
    elif facts.fetch_site:
        allowed = facts.fetch_site in ("same-origin", "none")
    elif facts.referer:
        allowed = domains.origin_of_url(facts.referer) == facts.own_origin
    else:
        allowed = facts.method in ("GET", "HEAD")
    if not allowed:
        raise Problem("domain_not_allowed", "A session of the desk is for the desk's own pages.")
