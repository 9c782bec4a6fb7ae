"""The embed doctor: what will happen with a token on a page, and why (tokens.md sections 1 to 4).

It asks the same functions that decide about requests, so that it cannot say otherwise than they do.
Commands, the API and the admin show its findings.
"""

import ipaddress
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts import roles
from api.errors import Problem
from api.permissions import scope_of
from tokens import cookies, domains, jwt
from tokens.authentication import check_state
from tokens.models import AccessToken, State

LOGIN = "/agent/auth/login"
SURFACES = {"/agent": "login:agent", "/desktop": "login:agent", "/admin": "login:admin"}
GOOD, NOTE, WARNING, ERROR = "ok", "info", "warning", "error"
PRIVATE_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")
SKEW = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the doctor found: a stable code, `ok`, `info`, `warning` or `error`, what it is, how to
    mend it.
    """

    code: str
    level: str
    text: str
    fix: str = ""


def works(findings: Iterable[Finding]) -> bool:
    """Whether nothing that was found stands in the way."""
    return all(finding.level != ERROR for finding in findings)


def diagnose(
    row_or_text: AccessToken | str, origin: str | None, path: str, desk_origin: str
) -> list[Finding]:
    """Return what will happen when a page of `origin` (None: unknown) uses the token on a path of the desk.

    `desk_origin` is where browsers reach the desk, such as `https://desk.example`. A text is checked from
    its first character on, as a request would be; a row stands for its text.
    """
    row, findings = _row(row_or_text)
    if row is None:
        return findings
    findings += [*_state(row), *_scope(row, path), *_addresses(row)]
    findings += _entries(row)
    findings += _page(row, origin, path, desk_origin)
    findings += [*_clock(row), *_proxy(desk_origin)]
    return findings


def _row(row_or_text: AccessToken | str) -> tuple[AccessToken | None, list[Finding]]:
    if isinstance(row_or_text, AccessToken):
        return row_or_text, []
    text = row_or_text.strip()
    try:
        jwt.verify(text)
    except Problem as problem:
        if problem.code != "token_expired":
            return None, [_refusal(problem)]
    row = AccessToken.objects.select_related("user", "parent").filter(token_hash=jwt.hash_of(text)).first()
    if row is None:
        return None, [_refusal(Problem("token_invalid", "No row of this desk holds this token."))]
    return row, [Finding("token_genuine", GOOD, f"The token is genuine: {row}, of {row.user.username}.")]


def _refusal(problem: Problem) -> Finding:
    return Finding(problem.code, ERROR, f"{problem.title}: {problem.detail}", problem.advice)


def _state(row: AccessToken) -> Iterable[Finding]:
    now = timezone.now()
    try:
        check_state(row.state, row.grace_until, row.expires_at, now)
        if row.parent:
            check_state(row.parent.state, row.parent.grace_until, row.parent.expires_at, now)
        if row.used_at:
            raise Problem("token_used")
        if not row.user.is_active:
            raise Problem("user_inactive")
    except Problem as problem:
        yield _refusal(problem)
        return
    if row.state == State.ROTATED:
        yield Finding(
            "token_in_grace",
            WARNING,
            f"The token was rotated and works until {row.grace_until:%Y-%m-%d %H:%M} UTC only.",
            "Change over to the token that replaced it.",
        )
    elif row.expires_at - now < timedelta(days=7):
        yield Finding(
            "token_expires_soon",
            WARNING,
            f"The token works until {row.expires_at:%Y-%m-%d %H:%M} UTC.",
            "Rotate it before that.",
        )
    else:
        yield Finding("token_state", GOOD, f"It is active until {row.expires_at:%Y-%m-%d %H:%M} UTC.")


def _scope(row: AccessToken, path: str) -> Iterable[Finding]:
    scope = _needed(path)
    if path.startswith("/api/") and row.surface:
        yield _refusal(Problem("surface_not_permitted", "A one-time token opens the desk, and no more."))
    elif scope is None:
        yield Finding("scope", GOOD, f"{path} asks for no particular scope.")
    elif scope not in row.scopes or scope not in roles.rights(row.user.role):
        lacking = (
            "The token lacks the scope"
            if scope not in row.scopes
            else f"A user of role {row.user.role} lacks"
        )
        code = "surface_not_permitted" if scope.startswith("login:") else "insufficient_scope"
        yield Finding(code, ERROR, f"{lacking} {scope}, which {path} needs.", f"Issue a token with {scope}.")
    else:
        yield Finding("scope", GOOD, f"It has the scope {scope}, which {path} needs.")


def _needed(path: str) -> str | None:
    """Return the scope that a path asks for: of a login, or of the view that answers GET there."""
    bare = path.partition("?")[0]
    for prefix, scope in SURFACES.items():
        if bare == prefix or bare.startswith(prefix + "/"):
            return scope
    try:
        view = getattr(resolve(bare).func, "cls", None)
    except Resolver404:
        return None
    method = "GET" if view is None or hasattr(view, "get") else "POST"
    return scope_of(view, method) if view else None


def _addresses(row: AccessToken) -> Iterable[Finding]:
    if row.allowed_ips:
        listed = ", ".join(row.allowed_ips)
        yield Finding("allowed_ips", NOTE, f"Only callers with these addresses are served: {listed}.")


def _entries(row: AccessToken) -> Iterable[Finding]:
    if not row.domains:
        yield Finding(
            "any_site",
            WARNING,
            "The token names no domains: every site may embed the desk with it.",
            "List the domains of the pages that use it.",
        )
    for text in row.domains:
        entry = domains._stored(text)
        warnings = entry.warnings() if entry else []
        if "public_suffix_wildcard" in warnings:
            yield Finding(
                "public_suffix_wildcard",
                WARNING,
                f"{text} matches sites of strangers: anybody can register a name there.",
                "Name your own domain in full.",
            )
        if "ipv6_no_frame" in warnings:
            yield Finding(
                "ipv6_no_frame",
                WARNING,
                f"{text} works in links and for the API, but browsers cannot match IPv6 in frames.",
                "Give the page a host name.",
            )


def _page(row: AccessToken, origin: str | None, path: str, desk_origin: str) -> Iterable[Finding]:
    desk = domains.parse_origin(desk_origin)
    if desk is None:
        yield Finding("desk_origin", ERROR, f"{desk_origin!r} is no origin.", "Write https://host[:port].")
        return
    api = path.startswith("/api/")
    if origin is None:
        yield from _unknown_page(row, api)
        return
    page = domains.parse_origin(origin.strip().rstrip("/")) or domains.parse_origin(
        domains.origin_of_url(origin.strip()) or ""
    )
    if page is None:
        yield Finding(
            "origin_malformed", ERROR, f"{origin[:200]!r} is no origin of a page.", "Write https://host."
        )
        return
    yield _domain(row, page, desk)
    if api:
        yield Finding(
            "cors", GOOD, f"Answers carry Access-Control-Allow-Origin for {page} when it is admitted."
        )
    else:
        yield from _frame(row, page, desk)
    if _private(desk.host) and not _private(page.host):
        yield Finding(
            "local_network_access",
            WARNING,
            f"The desk is on a private address ({desk.host}), the page is not: Chromium blocks frames and "
            "fetches there until the user permits Local Network Access. Links pass.",
            "Serve the desk under a public address, or open it by a link.",
        )


def _unknown_page(row: AccessToken, api: bool) -> Iterable[Finding]:
    if not row.domains:
        return
    if row.allow_no_origin:
        yield Finding("server_calls", GOOD, "Servers may use it too: calls without an Origin pass.")
    elif api:
        problem = Problem(
            "origin_missing", "Without --origin this is a server's call, and the token is for pages."
        )
        yield _refusal(problem)
    else:
        yield Finding(
            "origin_unknown",
            NOTE,
            "Without an origin the domain list was not tried. A link needs a Referer of a listed page; in a "
            "frame the browser decides by frame-ancestors.",
            "Name the page: --origin https://….",
        )


def _domain(row: AccessToken, page: domains.Origin, desk: domains.Origin) -> Finding:
    if page == desk:
        return Finding("domain", GOOD, "The page is the desk's own, which always passes.")
    if not row.domains:
        return Finding("domain", GOOD, f"{page} passes: the token names no domains.")
    if domains.matches(row.domains, str(page), desk.scheme):
        return Finding("domain", GOOD, f"{page} is in the token's domain list.")
    near = [
        f"{entry}: {entry.explain(desk.scheme)}"
        for entry in map(domains._stored, row.domains)
        if entry and entry.host in (page.host, page.host.partition(".")[2])
    ]
    text = f"{page} is not in the token's domain list. " + (
        " ".join(near) or f"It has {', '.join(row.domains)}."
    )
    return Finding("domain_not_allowed", ERROR, text, f"Add {page} to the list.")


def _frame(row: AccessToken, page: domains.Origin, desk: domains.Origin) -> Iterable[Finding]:
    """What a frame of the page meets: mixed content, its cookie's jar, and the policy that the browser
    decides by.
    """
    if page.scheme == "https" and desk.scheme == "http":
        local = desk.host in ("localhost", "127.0.0.1", "[::1]") or desk.host.endswith(".localhost")
        yield Finding(
            "mixed_content",
            WARNING if local else ERROR,
            "An https page cannot frame or fetch an http desk: browsers block mixed content"
            + (", this machine's own addresses excepted." if local else "."),
            "Serve the desk over https.",
        )
    same = site(page) == site(desk)
    if desk.scheme == "http":
        how = (
            ""
            if same
            else ", which a frame of another site never gets back; the page then works with a tab bearer"
        )
        yield Finding("cookie", GOOD, f"In its own window the session's cookie is {cookies.PLAIN}{how}.")
        yield Finding(
            "plain_http",
            WARNING,
            "The desk is on http: tokens and sessions can be read on the way.",
            "Use https.",
        )
    elif same:
        yield Finding(
            "cookie", GOOD, f"Window and frame keep the session in {cookies.SECURE_TOP} (same site)."
        )
    else:
        yield Finding(
            "cookie",
            GOOD,
            f"In its own window the session is kept in {cookies.SECURE_TOP}, in a frame in "
            f"{cookies.SECURE_FRAME} (partitioned); where a browser blocks that, a tab bearer replaces it.",
        )
    sources = domains.frame_ancestors(row.domains, desk.scheme)
    policy = " ".join(["'self'", *sources]) if row.domains else "*"
    yield Finding("frame_ancestors", NOTE, f"Content-Security-Policy: frame-ancestors {policy}")
    if page.host.startswith("[") and row.domains:
        yield Finding(
            "ipv6_no_frame",
            ERROR,
            "Browsers cannot match an IPv6 address in frames.",
            "Give the page a host name.",
        )


def site(origin: domains.Origin) -> str:
    """Return the site of an origin, schemeful as browsers count: scheme and registrable domain."""
    labels = origin.host.split(".")
    if origin.host.startswith("[") or labels[-1].isdigit():
        return f"{origin.scheme}://{origin.host}"
    for start in range(len(labels)):
        if domains._is_public_suffix(".".join(labels[start:])):
            return f"{origin.scheme}://{'.'.join(labels[max(0, start - 1) :])}"
    return f"{origin.scheme}://{'.'.join(labels[-2:])}"


def _private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or host.endswith(PRIVATE_NAMES)


def _clock(row: AccessToken) -> Iterable[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        skew = time.time() - float(cursor.fetchone()[0])
    if abs(skew) > SKEW:
        yield Finding(
            "clock_skew",
            WARNING,
            f"This machine's clock differs from the database's by {skew:.0f} seconds.",
            "Let both follow NTP: expiry and grace are read from the clock.",
        )
    elif row.created_at > timezone.now() + timedelta(seconds=jwt.SKEW):
        yield Finding(
            "clock_skew", ERROR, "The token says it was issued in the future.", "Set the clock right."
        )
    else:
        yield Finding("clock", GOOD, "The clocks agree.")


def _proxy(desk_origin: str) -> Iterable[Finding]:
    desk = domains.parse_origin(desk_origin)
    if desk and not settings.TRUSTED_PROXIES and not _private(desk.host) and desk.scheme == "http":
        yield Finding(
            "proxy_headers",
            WARNING,
            "The desk is seen over http, and no proxy's X-Forwarded-Proto is believed.",
            "If a proxy in front speaks https, name its address in TRUSTED_PROXIES.",
        )
    elif settings.TRUSTED_PROXIES:
        proxies = ", ".join(settings.TRUSTED_PROXIES)
        yield Finding(
            "proxy_headers", NOTE, f"X-Forwarded-* is believed from {proxies}, and from nobody else."
        )


def probe(desk_origin: str) -> list[Finding]:
    """Ask the desk itself, from outside, for what a proxy added: a second policy, X-Frame-Options."""
    url = f"{desk_origin.rstrip('/')}{LOGIN}"
    if domains.parse_origin(desk_origin.rstrip("/")) is None:
        return []  # what is wrong with it was said before
    try:
        with urllib.request.build_opener(_Keep).open(url, timeout=5) as answer:  # noqa: S310 - http(s) only
            headers = answer.headers
    except OSError as error:
        return [
            Finding("desk_unreachable", WARNING, f"{url} does not answer: {error}.", "Is the desk running?")
        ]
    found = []
    policies = [part for value in headers.get_all("Content-Security-Policy", []) for part in value.split(",")]
    if len(policies) > 1:
        found.append(
            Finding(
                "second_policy",
                ERROR,
                f"{len(policies)} Content-Security-Policies arrive: browsers obey all of them at once.",
                "Take the policy that the proxy adds out.",
            )
        )
    if headers.get("X-Frame-Options") and policies:
        found.append(
            Finding("x_frame_options", ERROR, "X-Frame-Options arrives besides the policy.", "Take it out.")
        )
    return found or [Finding("policy_alone", GOOD, "No proxy adds a policy of its own.")]


class _Keep(urllib.request.HTTPErrorProcessor):
    """Takes every answer as it is, refusals and redirects included."""

    def http_response(self, request, response):
        return response

    https_response = http_response
