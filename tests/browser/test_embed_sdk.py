"""The desk in a foreign page by `embed/desk.js`: one tag, one call, and the token in no address."""

import gzip
import json
import ssl
import urllib.request
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from messaging.services import create_thread, get_or_create_visitor, send_message
from tests import factories
from tests.browser.pages import Server, listen, radio
from tokens.models import HandoffSession

pytestmark = pytest.mark.browser

PAGE = """
<div id="here"></div>
<script src="{origin}/static/embed/desk.js"></script>
<script>
  window.heard = [];
  window.asked = 0;
  const tokens = {tokens};
  const desk = InlayDesk.open({{
    container: "#here", title: "Support", theme: "dark",
    token: async () => tokens[Math.min(asked++, tokens.length - 1)], ...{options}
  }});
  desk.on("*", (data, type) => heard.push({{type, data}}));
</script>"""


@pytest.fixture
def person(transactional_db):
    return factories.agent(nickname="Mia Castellanos", status="AVAILABLE")


def token(site, person, **options) -> str:
    return factories.token(person, entries=[f"{site.desk.scheme}://partner.example:*"], **options)


def embed(page: Page, site, *tokens: str, options: str = "{}", **headers: str) -> None:
    html = PAGE.format(origin=site.origin, tokens=json.dumps(tokens), options=options)
    page.goto(site.partner.page(html, **headers))


def heard(page: Page, type: str) -> dict:
    return page.wait_for_function(f"heard.find((each) => each.type === {json.dumps(type)})").json_value()


@pytest.mark.parametrize("cookies", ["allowed", "third-party-blocked"])
def test_one_call_opens_the_desk_and_its_commands_are_promises(site, chromium, person, cookies):
    page = chromium.page(cookies)
    complaints, addresses = listen(page), []
    page.on("request", lambda request: addresses.append(request.url))
    secret = token(site, person)
    embed(page, site, secret)
    assert page.evaluate("desk.ready.then(({status}) => status)") == "AVAILABLE"
    frame = page.frames[1]
    page.evaluate("desk.setStatus('BUSY')")
    expect(radio(frame, "Busy")).to_be_checked()
    assert frame.evaluate("document.documentElement.dataset.theme") == "dark"
    page.evaluate("desk.setTheme('light')")
    assert frame.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate("desk.command('no_such_command').catch((error) => error.code)")
    assert page.evaluate("desk.frame.title") == "Support"
    assert not any(secret in address for address in addresses), "the token stood in an address"
    assert complaints == []


def test_the_page_says_what_its_part_shows(http_site, chromium, person):
    page = chromium.page()
    complaints = listen(page)
    made = Server(http_site, person).call("POST", "tickets/create", title="Lost parcel")
    talk = create_thread(type="AGENT", visitor=get_or_create_visitor(nickname="Ann"), agent=person)
    send_message(thread=talk, visitor=talk.visitor, content="Where is my parcel?")
    embed(page, http_site, token(http_site, person), options='{view: "badge", height: 600}')
    page.evaluate("desk.ready")
    frame = page.frames[1]
    expect(frame.locator(".badge-part")).to_contain_text("1")
    page.evaluate(f"desk.show({{view: 'thread', thread: '{talk.pk}'}})")
    expect(frame.get_by_role("main").get_by_text("Where is my parcel?")).to_be_visible()
    expect(frame.get_by_role("listbox")).to_have_count(0)
    page.evaluate(f"desk.show({{view: 'ticket', ticket: '{made['id']}'}})")
    expect(frame.get_by_role("heading", name="Lost parcel")).to_be_visible()
    page.evaluate("desk.show({view: 'inbox'})")
    expect(frame.get_by_role("option").filter(has_text="Ann")).to_be_visible()
    for what, code in (
        ("{view: 'thread', thread: '00000000-0000-7000-8000-000000000000'}", "not_found"),
        ("{view: 'thread'}", "show without a thread"),
        ("{view: 'admin'}", "show without a known view"),
    ):
        assert page.evaluate(f"desk.show({what}).catch((error) => error.code)") == code
    expect(frame.get_by_role("option").filter(has_text="Ann")).to_be_visible()
    assert [each for each in complaints if "404" not in each] == []


def test_a_session_about_to_end_goes_on_with_a_fresh_token_and_nothing_is_reloaded(
    http_site, chromium, person
):
    page = chromium.page()
    old, fresh = token(http_site, person, expires_in=200), token(http_site, person, expires_in=7200)
    embed(page, http_site, old, fresh)
    page.evaluate("desk.ready")
    page.frames[1].evaluate("window.kept = 'still here'")
    assert heard(page, "session_expiring")["data"]["expiresAt"]  # at once: 200 s are fewer than five minutes
    page.wait_for_function("asked === 2")
    page.evaluate("desk.setStatus('BUSY')")
    assert page.frames[1].evaluate("window.kept") == "still here"
    session = HandoffSession.objects.get()
    assert session.token == factories.token_row(fresh)
    assert session.expires_at > timezone.now() + timedelta(minutes=60)


def test_a_page_whose_policy_forbids_forms_hears_why_or_lets_the_token_into_the_address(
    http_site, chromium, person
):
    page = chromium.page()
    policy = f"form-action 'none'; frame-src {http_site.origin}"
    embed(page, http_site, token(http_site, person), Content_Security_Policy=policy)
    assert page.evaluate("desk.ready.catch((error) => error.code)") == "form_action_blocked"
    options = "{allowAddress: true}"
    embed(page, http_site, token(http_site, person), options=options, Content_Security_Policy=policy)
    assert page.evaluate("desk.ready.then(({status}) => status)") == "AVAILABLE"


def test_a_refused_token_rejects_with_the_desks_reason(http_site, chromium, person):
    page = chromium.page()
    embed(page, http_site, factories.token(person, disabled=True))
    assert page.evaluate("desk.ready.catch((error) => error.code)") == "token_disabled"
    assert heard(page, "embed_error")["data"]["code"] == "token_disabled"


def test_a_token_that_cannot_be_fetched_says_so(http_site, chromium, person):
    page = chromium.page()
    embed(page, http_site, "", options='{token: async () => { throw new Error("backend down"); }}')
    assert page.evaluate("desk.ready.catch((error) => error.message)") == "backend down"


def test_a_stranger_in_the_page_is_not_believed(http_site, chromium, person):
    page = chromium.page()
    embed(page, http_site, token(http_site, person))
    page.evaluate("desk.ready")
    page.evaluate(
        "postMessage({type: 'session_ended', data: {code: 'token_expired'}, source: 'bytedesk-desktop'}, '*')"
    )
    page.evaluate("desk.setStatus('BUSY')")
    assert page.evaluate("heard.some(({type}) => type === 'session_ended')") is False


def test_destroying_takes_everything_out_of_the_page(http_site, chromium, person):
    page = chromium.page()
    embed(page, http_site, token(http_site, person))
    page.evaluate("desk.ready")
    answer = page.evaluate(
        "(() => { const open = desk.command('refresh_threads').catch((error) => error.code);"
        " desk.destroy(); return open; })()"
    )
    assert answer == "closed"
    assert page.locator("iframe").count() == 0


def test_the_script_is_small_and_the_token_is_asked_of_nobody_else(http_site):
    trusting = ssl._create_unverified_context()
    address = f"{http_site.desk.url}/static/embed/desk.js"
    with urllib.request.urlopen(address, context=trusting) as answer:
        body = answer.read()
    assert len(gzip.compress(body)) <= 4096
    assert b"http://" not in body and body.count(b"https://") == 1  # the example in its comment
