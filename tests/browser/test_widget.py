"""The widget on a foreign page in a real browser: the tag alone, under a strict policy, on small screens."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Frame, Page, expect

from messaging.chat import credentials
from messaging.models import Visitor
from tests import factories
from tests.browser.pages import Server, listen
from tests.browser.test_chat_page import arrived, bubble, reply, write

pytestmark = pytest.mark.browser

PAGE = """
<html lang="en"{more}><head><meta name="viewport" content="width=device-width"></head>
<body><h1>A shop</h1><a href="#">A link</a>
<script src="{desk}/static/embed/widget.js" data-t="1" data-lang="en"{data} async></script></body></html>"""


@pytest.fixture
def server(http_site, transactional_db) -> Server:
    mia = factories.agent(nickname="Mia Castellanos", teams=[factories.team("Sales")])
    return Server(http_site, mia)


def shop(site, data: str = "", more: str = "", host: str = "partner.example") -> str:
    """Return the address of a foreign page with the widget, under the policy that docs/chat.md names."""
    policy = f"default-src 'none'; script-src {site.origin}; frame-src {site.origin}"
    html = PAGE.format(desk=site.origin, data=data, more=more)
    return site.partner.page(html, host=host, Content_Security_Policy=policy)


def until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own way would need eval, which the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def open_chat(page: Page) -> Frame:
    until(page, "!!window.InlayChat")
    page.evaluate("InlayChat.open()")
    return chat_of(page)


def chat_of(page: Page) -> Frame:
    for _ in range(100):
        frame = next((each for each in page.frames if "/chat/" in each.url), None)
        if frame:
            expect(frame.locator(".welcome")).to_be_attached()
            return frame
        page.wait_for_timeout(50)
    raise AssertionError("The chat was not loaded.")


@pytest.mark.parametrize("cookies", ["allowed", "third-party-blocked", "all-blocked"])
def test_a_visitor_of_a_foreign_page_writes_and_is_answered(http_site, chromium, server, cookies):
    page = chromium.page(cookies)
    complaints, requests = listen(page), []
    page.on("request", lambda request: requests.append(request.url))
    address = shop(http_site)
    page.goto(address)
    frame = open_chat(page)
    expect(frame.get_by_label("Write a message…")).to_be_focused()
    write(frame, "Do you deliver on Sundays?")
    expect(arrived(frame, "Sundays")).to_be_visible()
    reply(server, "On every day")
    expect(bubble(frame, "On every day")).to_be_visible()
    known = (http_site.origin, http_site.partner.origin(), "data:", "blob:")
    assert all(url.startswith(known) for url in requests)
    assert complaints == []


def test_the_conversation_survives_a_reload_and_the_badge_counts_what_came(http_site, chromium, server):
    page = chromium.page("third-party-blocked")
    page.goto(shop(http_site))
    frame = open_chat(page)
    write(frame, "I shall be back")
    expect(arrived(frame, "I shall be back")).to_be_visible()
    page.reload()
    until(page, "!!window.InlayChat")
    page.evaluate("window.heard = []; InlayChat.on('unread', (count) => heard.push(count)); 0")
    frame = chat_of(page)
    expect(bubble(frame, "I shall be back")).to_be_attached()
    reply(server, "Welcome back")
    until(page, "heard.at(-1) === 1")
    page.evaluate("InlayChat.open()")
    expect(bubble(frame, "Welcome back")).to_be_visible()
    expect(frame.locator(".news")).to_be_visible()
    until(page, "heard.at(-1) === 0")
    assert Visitor.objects.count() == 1


def test_the_keyboard_opens_the_chat_and_escape_gives_the_focus_back(http_site, chromium, server):
    page = chromium.page()
    page.goto(shop(http_site))
    until(page, "!!window.InlayChat")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    frame = chat_of(page)
    expect(frame.get_by_label("Write a message…")).to_be_focused()
    page.keyboard.press("Escape")
    expect(frame.locator(".write")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "INLAY-CHAT"
    page.keyboard.press("Enter")
    expect(frame.get_by_label("Write a message…")).to_be_focused()


def test_a_signed_identity_finds_the_same_visitor_and_logging_out_leaves_nobody(http_site, chromium, server):
    signature = credentials.signature("customer-7")
    page = chromium.page()
    page.goto(shop(http_site))
    frame = open_chat(page)
    write(frame, "Before the login")
    expect(arrived(frame, "Before the login")).to_be_visible()
    person = {"visitorUid": "customer-7", "nickname": "Ann", "signature": signature}
    page.evaluate("(person) => InlayChat.identify(person)", person)
    write(frame, "After the login")
    expect(arrived(frame, "After the login")).to_be_visible()
    expect(bubble(frame, "Before the login")).to_be_visible()
    ann = Visitor.objects.get()
    assert (ann.external_id, ann.nickname) == ("customer-7", "Ann") and ann.verified_at
    page.evaluate("InlayChat.identify({})")
    expect(frame.locator(".bubble")).to_have_count(0)
    other = chromium.page()
    data = f' data-visitor-uid="customer-7" data-signature="{signature}"'
    other.goto(shop(http_site, data))
    expect(bubble(open_chat(other), "After the login")).to_be_visible()


def test_it_fills_a_phone_mirrors_on_right_to_left_pages_and_can_be_destroyed(http_site, chromium, server):
    page = chromium.page()
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto(shop(http_site, ' data-accent="#0a7d5a"', ' dir="rtl"'))
    until(page, "!!window.InlayChat")
    open_chat(page)
    size = page.frames[1].evaluate("[innerWidth, innerHeight]")
    assert size == [320, 600]
    assert page.frames[1].evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("InlayChat.destroy()")
    assert page.evaluate("document.querySelector('inlay-chat') === null && window.InlayChat === undefined")


def test_a_page_that_is_not_the_parent_cannot_speak_to_the_widget(http_site, chromium, server):
    page = chromium.page()
    page.goto(shop(http_site))
    open_chat(page)
    planted = '{source: "inlay-chat", type: "store", key: "inlay-chat:x", value: "planted"}'
    page.evaluate(f"postMessage({planted})")
    page.wait_for_timeout(200)
    assert page.evaluate("localStorage.getItem('inlay-chat:x')") is None


def test_the_widget_is_small():
    source = Path(settings.BASE_DIR, "static/embed/widget.js").read_bytes()
    assert len(gzip.compress(source)) <= 5 * 1024
