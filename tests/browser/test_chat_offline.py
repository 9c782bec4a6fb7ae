"""The visitor's page while nobody is there: the form, thanks, and the chat when somebody is back."""

import time

import pytest
from playwright.sync_api import Page, expect

from accounts.services import set_status
from messaging import services
from messaging.models import LeftMessage, Message, Thread
from settings_app.queries import KEPT_SECONDS
from settings_app.services import change_settings
from tests import factories
from tests.browser.pages import listen
from tests.browser.test_chat_page import arrived, visit, write
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(transactional_db):
    return factories.agent(nickname="Mia Castellanos", teams=[factories.team("Sales")], status="OFFLINE")


@pytest.fixture
def away(mia):
    """A desk that is there while Mia is; it is not."""
    change_settings(group="chat", values={"onlineNeedsAgents": True})
    change_settings(group="hours", values={"closedText": "We sleep. 我们休息了"})
    time.sleep(KEPT_SECONDS + 0.1)  # the server remembers settings for so long


def until(found):
    """Wait for what a function finds."""
    patience = time.monotonic() + 15
    while not (what := found()) and time.monotonic() < patience:
        time.sleep(0.1)
    return what


def conversation() -> Thread:
    return Thread.objects.exclude(type="TICKET").get()


def form(page: Page):
    return page.get_by_role("form")


def test_a_message_is_left_and_becomes_a_ticket(http_site, chromium, away):
    page = chromium.page()
    complaints = listen(page)
    visit(page, http_site)
    expect(form(page).get_by_role("heading")).to_have_text("We sleep. 我们休息了")
    expect(page.locator(".head-state")).to_have_text("We are not here right now")
    expect(page.locator(".composer")).to_have_count(0)

    page.get_by_role("button", name="Leave message").click()
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_label("Your message")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Please give an e-mail address or a phone number.")).to_be_visible()
    page.get_by_label("Your message").fill("أين طلبي؟\nRequest 17")
    page.get_by_label("E-mail").fill("ann at example")
    page.get_by_role("button", name="Leave message").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_text("Please check the e-mail address.")).to_be_visible()
    page.get_by_label("E-mail").fill("ann@example.com")
    page.get_by_label("Your name").fill("Ann")
    page.get_by_label("E-mail").press("Enter")
    expect(page.get_by_text("Thank you, Ann!")).to_be_visible()
    expect(page.locator(".is-left")).to_contain_text("ann@example.com")
    expect(page.locator(".composer")).to_have_count(0)

    ticket = until(lambda: Ticket.objects.first())  # the desk's own worker makes it
    assert (ticket.title, ticket.tags, ticket.team.name) == ("أين طلبي؟", ["offline"], "Sales")
    assert ticket.requester.nickname == "Ann" and ticket.custom_fields["email"] == "ann@example.com"

    page.get_by_text("Leave another message").click()
    expect(page.get_by_label("Your message")).to_have_value("")
    expect(page.get_by_label("E-mail")).to_have_value("ann@example.com")
    assert complaints == [] and not Thread.objects.exclude(type="TICKET").exists()


def test_a_message_whose_answer_was_lost_is_left_once(http_site, chromium, away):
    page = visit(chromium.page(), http_site)
    page.get_by_label("Your message").fill("Only once")
    page.get_by_label("Phone").fill("+49 30 1234567")
    page.route(
        "**/api/chat/offline*",
        lambda route: (route.fetch(url=route.request.url.replace("desk.test", "127.0.0.1")), route.abort()),
    )
    page.get_by_role("button", name="Leave message").click()
    expect(page.get_by_text("No connection to the desk")).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_role("button", name="Leave message").click()
    expect(page.get_by_text("Thank you!")).to_be_visible()
    assert LeftMessage.objects.get().content == "Only once"


def test_when_somebody_is_back_the_chat_is_too_and_keeps_what_was_written(http_site, chromium, away, mia):
    pages = [chromium.page(), chromium.page()]
    for page in pages:
        page.clock.install()
        visit(page, http_site)
        expect(page.get_by_label("Your message")).to_be_visible()
    pages[1].get_by_label("Your message").fill("Half a sentence")
    set_status(user=mia, status="AVAILABLE")
    for page in pages:
        page.clock.fast_forward(31_000)
        expect(page.get_by_label("Write a message…")).to_be_visible()
    expect(form(pages[0])).to_have_count(0)
    expect(pages[0].locator(".head-state")).to_have_text("We are here for you")
    expect(pages[1].get_by_text("We are here again.")).to_be_visible()
    pages[1].get_by_text("Send it in the chat").click()
    expect(arrived(pages[1], "Half a sentence")).to_be_visible()
    expect(form(pages[1])).to_have_count(0)
    assert Message.objects.get().content == "Half a sentence"


def test_who_waits_may_leave_a_message_instead(http_site, chromium, mia):
    page = visit(chromium.page(), http_site)
    write(page, "Where is my parcel?")
    expect(arrived(page, "Where is my parcel?")).to_be_visible()
    page.get_by_text("Leave a message instead").click()
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_label("Your message")).to_have_value("Where is my parcel?")
    page.get_by_text("Keep waiting").click()
    expect(page.get_by_label("Write a message…")).to_be_visible()
    page.get_by_text("Leave a message instead").click()
    page.get_by_label("E-mail").fill("ann@example.com")
    page.get_by_role("button", name="Leave message").click()
    expect(page.get_by_text("Thank you!")).to_be_visible()
    thread = conversation()
    assert (thread.state, LeftMessage.objects.get().thread) == ("closed", thread)
    expect(page.get_by_label("Write a message…")).to_be_visible()
    expect(page.get_by_text("Leave a message instead")).to_have_count(0)


def test_an_agent_who_accepts_meanwhile_gets_the_visitor_back_into_the_chat(http_site, chromium, mia):
    page = visit(chromium.page(), http_site)
    write(page, "Hello")
    expect(arrived(page, "Hello")).to_be_visible()
    page.get_by_text("Leave a message instead").click()
    services.accept_thread(thread_id=conversation().pk, actor=mia)
    expect(page.get_by_label("Write a message…")).to_be_visible()
    page.get_by_text("Send it in the chat").click()
    expect(page.locator(".message:not(.is-pending) .bubble", has_text="Hello")).to_have_count(2)
    assert not LeftMessage.objects.exists() and conversation().state == "open"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_works_by_keyboard_at_320_pixels_in_chinese(http_site, chromium, away, theme, tmp_path):
    page = chromium.page()
    page.set_viewport_size({"width": 320, "height": 560})
    page.goto(f"{http_site.origin}/chat/?t=1&lang=zh&theme={theme}&nickname=王芳")
    field = page.get_by_label("留言内容")
    expect(field).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".leave").evaluate("each => each.scrollWidth <= each.clientWidth + 2")
    page.wait_for_timeout(300)
    expect(form(page).get_by_role("heading")).to_be_in_viewport()
    page.screenshot(path=tmp_path / f"first-{theme}.png")
    field.focus()
    page.keyboard.type("请回电")
    page.keyboard.press("Tab")
    expect(page.get_by_label("您的称呼")).to_be_focused()
    expect(page.get_by_label("您的称呼")).to_have_value("王芳")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("138 0013 8000")
    page.keyboard.press("Tab")
    page.screenshot(path=tmp_path / f"form-{theme}.png")
    page.keyboard.press("Enter")
    expect(page.get_by_text("王芳，谢谢您！")).to_be_visible()
    page.screenshot(path=tmp_path / f"thanks-{theme}.png")
    assert LeftMessage.objects.get().phone == "138 0013 8000"
