"""The login URLs, the page that asks before it signs in another user, and the way from a frame into a tab."""

import re
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from api.errors import Problem
from api.requests import own_origin
from tokens import cookies, jwt, policy, rows, throttle, usage
from tokens.authentication import check_ip, check_row, judge_session
from tokens.handoff import checks, refusals, services
from tokens.handoff.checks import Place
from tokens.handoff.services import Opened
from tokens.origins import Facts, check_same_origin, facts_of
from tokens.rows import Row

SURFACES = {"agent": "agent", "desktop": "agent", "admin": "admin"}
KEPT = ("lang", "theme", "view", "chrome")  # what a login URL may say besides the token; nothing else goes on
VALUE = re.compile(r"[A-Za-z0-9_./:-]{1,80}")


@csrf_exempt
def login(request: HttpRequest, name: str) -> HttpResponse:
    """Open the workstation or the admin for the token of a link, form or frame (tokens.md sections 3 and
    4).
    """
    surface = SURFACES[name]
    facts = facts_of(request.META, own_origin(request))
    place = checks.place_of(request, facts)
    try:
        checks.check_kind(request)
        row = admitted(request, facts, place, surface)
        return enter(request, row, facts, place, surface)
    except Problem as problem:
        return refused(request, facts, problem, origin=place.given or "", surface=surface)


def refused(
    request: HttpRequest, facts: Facts, problem: Problem, *, origin: str, surface: str
) -> HttpResponse:
    """Count the failure and answer with its page, or with 429 when the address has had too many."""
    try:
        throttle.count_failure("handoff", facts.ip, problem)
    except Problem as throttled:
        problem = throttled
    return refusals.login_page(request, problem, origin=origin, surface=surface)


def admitted(request: HttpRequest, facts: Facts, place: Place, surface: str) -> Row:
    """Return the row of a token that may open the surface from here; the checks run in the order of section
    1.
    """
    verified = jwt.verify(checks.only_token(request))
    row = rows.by_hash(verified.hash)
    if row is None:
        raise Problem("token_invalid")
    try:
        check_row(row)
        check_ip(row, facts)
        checks.check_place(place, facts, row)
        checks.check_surface(row, surface)
    except Problem as problem:
        services.deny(row, facts, problem, surface)
        raise
    usage.count(row.token_id, facts._replace(origin=place.given or None), usage.OK)
    return row


def enter(request: HttpRequest, row: Row, facts: Facts, place: Place, surface: str) -> HttpResponse:
    """Open the session and go to its page; ask first when a foreign page would replace who is signed in
    here.
    """
    kept = kept_of(request)
    asks = place.jar == cookies.TOP and place.cross_site
    before = cookies.signed_in_elsewhere(request, row.user)
    seconds = services.ASKING_SECONDS if asks and before else services.CODE_SECONDS
    opened = services.open_handoff(row=row, surface=surface, place=place, facts=facts, code_seconds=seconds)
    if asks and before:
        return go("/auth/handoff/switch", opened, kept)
    if before and place.jar == cookies.TOP:
        services.record_switch(session=opened.session, before=before)
    cookies.sign_in(request, row.user, place.jar, opened.session)
    return go(f"/{surface}/", opened, kept)


def kept_of(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of a login URL that reach the page; every other one ends here, `next` before
    all.
    """
    found = {name: request.GET.get(name) or request.POST.get(name) or "" for name in KEPT}
    return {name: value for name, value in found.items() if VALUE.fullmatch(value)}


def go(path: str, opened: Opened, kept: dict[str, str]) -> HttpResponse:
    """Send the browser on; the token is in none of its addresses any more, and the one-time code in no
    request.
    """
    query = urlencode({"h": opened.session.handle, **kept})
    response = HttpResponseRedirect(f"{path}?{query}#hs={opened.code}")
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


def switch(request: HttpRequest) -> HttpResponse:
    """Ask whether to sign in as somebody else; the answer is a form to `open_here`."""
    row, now_here = request.handoff, None
    if row and not request.handoff_problem:
        now_here = cookies.signed_in_elsewhere(request, row.user)
    if row is None or request.handoff_problem:
        return refusals.session_page(request, request.handoff_problem or Problem("session_ended"))
    context = {"user": row.user, "now_here": now_here, "handle": row.session_handle, "kept": kept_of(request)}
    response = render(request, "handoff/switch.html", context)
    response[policy.CSP] = policy.policy(nonce=request.csp_nonce, frame_ancestors=policy.NOBODY)
    return response


@csrf_exempt
def open_here(request: HttpRequest) -> HttpResponse:
    """Sign in here, in the browser's own window, for the one-time code of the asking or the explaining
    page.
    """
    facts = facts_of(request.META, own_origin(request))
    surface = ""
    try:
        if request.method != "POST":
            raise Problem("method_not_allowed", headers={"Allow": "POST"})
        if facts.origin is None:
            raise Problem("domain_not_allowed", "This form is for pages of this desk.")
        check_same_origin(facts)
        handle, code = request.POST.get("handle", ""), request.POST.get("code", "")
        if not cookies.HANDLE.fullmatch(handle) or not code.isascii():
            raise Problem("session_ended")
        session_id = services.spend_code(handle=handle, code=code)
        source = rows.by_session(session_id)
        caller = judge_session(source, facts)
        surface = source.session_surface
        if not caller.allows(f"login:{surface}"):
            raise Problem("surface_not_permitted")
        return enter_on_top(request, source, facts)
    except Problem as problem:
        return refused(request, facts, problem, origin="", surface=surface)


def enter_on_top(request: HttpRequest, source: Row, facts: Facts) -> HttpResponse:
    """Open the tab's own session for the token of another one; who asked has the answer, so that one is
    over.
    """
    answered, kept = request.POST.get("answer") == "switch", kept_of(request)
    before = cookies.signed_in_elsewhere(request, source.user)
    asks = bool(before) and not answered
    seconds = services.ASKING_SECONDS if asks else services.CODE_SECONDS
    opened = services.reopen_on_top(session_id=source.session_id, facts=facts, code_seconds=seconds)
    if answered:
        services.end_sessions([source.session_id], reason="user_switch")
    if asks:
        return go("/auth/handoff/switch", opened, kept)
    if before:
        services.record_switch(session=opened.session, before=before)
    cookies.sign_in(request, source.user, cookies.TOP, opened.session)
    return go(f"/{source.session_surface}/", opened, kept)
