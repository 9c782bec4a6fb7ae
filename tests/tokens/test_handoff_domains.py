"""From where a login may come: the handoff's rows of tokens.md section 3, for every kind of request."""

import json
from pathlib import Path

import pytest

from tests import factories
from tests.tokens.visitor import PARTNER, Visitor, reason
from tokens.models import AccessToken

EVIL = "https://evil.example"
CASES = json.loads((Path(__file__).parent.parent / "domain-cases.json").read_text())

# As part of a URL, a slash after an origin is its path.
IN_A_REFERER = [case for case in CASES["matches"] if not case["origin"].endswith("/")]


@pytest.fixture
def bound(agent):
    """The text of a token for pages of partner.example."""
    return factories.token(agent, entries=["partner.example"])


TOP = {"dest": "document"}
OLD = {"dest": None}  # plain http, or a browser without Sec-Fetch
FRAME = {"dest": "iframe"}
POST = {"method": "post"}

TABLE = [
    # top-level GET: the Referer decides
    (TOP, {"referer": f"{PARTNER}/a?b=c"}, "ok"),
    (TOP, {"referer": f"{EVIL}/"}, "domain_not_allowed"),
    (TOP, {"referer": None}, "referrer_missing"),
    (TOP, {"referer": None, "site": "none"}, "referrer_missing"),
    (TOP, {"referer": "https://partner.example@evil.example/"}, "domain_not_allowed"),
    (TOP, {"referer": "about:client"}, "domain_not_allowed"),
    (TOP, {"referer": f"{EVIL}/", "origin": PARTNER}, "domain_not_allowed"),  # a GET's Origin says nothing
    (TOP, {"referer": "https://testserver/agent/", "site": "same-origin"}, "ok"),
    # no Sec-Fetch: as top-level
    (OLD, {"referer": f"{PARTNER}/"}, "ok"),
    (OLD, {"referer": f"{EVIL}/"}, "domain_not_allowed"),
    (OLD, {"referer": None}, "referrer_missing"),
    # top-level POST: Origin, else Referer
    (TOP | POST, {"origin": PARTNER, "referer": None}, "ok"),
    (TOP | POST, {"origin": PARTNER, "referer": f"{EVIL}/"}, "ok"),
    (TOP | POST, {"origin": EVIL, "referer": f"{PARTNER}/"}, "domain_not_allowed"),
    (TOP | POST, {"origin": None, "referer": f"{PARTNER}/"}, "ok"),
    (TOP | POST, {"origin": None, "referer": None}, "referrer_missing"),
    (TOP | POST, {"origin": "null", "referer": f"{PARTNER}/"}, "referrer_missing"),
    (TOP | POST, {"origin": f"{PARTNER}\\@evil.example", "referer": None}, "domain_not_allowed"),
    (TOP | POST, {"origin": f"{PARTNER}, {EVIL}", "referer": None}, "domain_not_allowed"),
    # framed: a Referer must match; without one frame-ancestors decides in the browser
    (FRAME, {"referer": f"{PARTNER}/"}, "ok"),
    (FRAME, {"referer": f"{EVIL}/"}, "domain_not_allowed"),
    (FRAME, {"referer": None}, "ok"),
    (FRAME | {"dest": "frame"}, {"referer": f"{EVIL}/"}, "domain_not_allowed"),
    (FRAME | POST, {"origin": PARTNER, "referer": None}, "ok"),
    (FRAME | POST, {"origin": EVIL, "referer": None}, "domain_not_allowed"),
    (FRAME | POST, {"origin": "null", "referer": None}, "ok"),
]


@pytest.mark.parametrize(("kind", "sent", "code"), TABLE)
def test_each_kind_of_login_needs_what_the_table_says(bound, kind, sent, code):
    """Case 7.3: missing headers in each kind; 7.4: no-referrer pages, form post in a frame."""
    response = Visitor().open(bound, **{"referer": None} | kind | sent)
    assert reason(response) == code
    assert bool(response.cookies) == (code == "ok")


@pytest.mark.parametrize(("kind", "sent", "code"), TABLE)
def test_a_token_without_a_list_opens_from_anywhere(agent, kind, sent, code):
    assert reason(Visitor().open(factories.token(agent), **{"referer": None} | kind | sent)) == "ok"


def test_a_token_for_servers_too_needs_no_referrer_but_a_given_one_must_match(agent):
    given = factories.token(agent, entries=["partner.example"], allow_no_origin=True)
    assert reason(Visitor().open(given, referer=None)) == "ok"
    assert reason(Visitor().open(given, method="post", origin="null", referer=None)) == "ok"
    assert reason(Visitor().open(given, referer=f"{EVIL}/")) == "domain_not_allowed"


def test_a_changed_list_holds_for_the_next_login(bound):
    assert reason(Visitor().open(bound)) == "ok"
    AccessToken.objects.update(domains=["example.com"])
    assert reason(Visitor().open(bound)) == "domain_not_allowed"


@pytest.mark.parametrize("case", CASES["matches"], ids=lambda case: f"{case['entry']} {case['origin']}")
def test_forms_follow_the_domain_table(agent, case):
    """Case 7.3: the table, as the Origin of a form in a window of its own."""
    given = factories.token(agent, entries=[case["entry"]])
    visitor = Visitor(case.get("desk", CASES["desk_default"]))
    expected = "ok" if case["allowed"] else "domain_not_allowed"
    if case["origin"] == "null":
        expected = "referrer_missing"
    assert reason(visitor.open(given, method="post", origin=case["origin"], referer=None)) == expected


@pytest.mark.parametrize("case", IN_A_REFERER, ids=lambda case: f"{case['entry']} {case['origin']}")
def test_frames_follow_the_domain_table(agent, case):
    given = factories.token(agent, entries=[case["entry"]])
    visitor = Visitor(case.get("desk", CASES["desk_default"]))
    expected = "ok" if case["allowed"] else "domain_not_allowed"
    assert reason(visitor.frame(given, referer=f"{case['origin']}/page?x=1")) == expected
