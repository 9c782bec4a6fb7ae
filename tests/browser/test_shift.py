"""An agent's whole shift as one story: in a foreign frame by a token, with third-party cookies blocked."""

import pytest
from playwright.sync_api import Frame, Page, expect

from accounts.models import User
from messaging.models import Message, Thread
from tests import factories
from tests.browser.pages import PARENT, answer, field, heard, open_shop, row, sent
from tests.browser.test_chat_page import arrived as at_visitor
from tests.browser.test_chat_page import write as visitor_writes
from tickets.models import Ticket
from tokens.models import AccessToken
from tokens.services import disable_token

pytestmark = pytest.mark.browser


@pytest.fixture
def team(transactional_db):
    return factories.team("Sales")


@pytest.fixture
def mia(team) -> User:
    """Whom the token signs in; not there yet, so that nothing is given to anybody before the shift."""
    return factories.agent(nickname="Mia Castellanos", teams=[team])


def open_framed(page: Page, site, token: str) -> Frame:
    page.set_viewport_size({"width": 1360, "height": 860})
    html = PARENT.format(src=site.login(token)).replace(
        'width="900" height="600"', 'width="1320" height="800"'
    )
    page.goto(site.partner.page(html))
    heard(page, "ready")
    return page.frames[1]


def waiting(thread_of: str) -> str:
    return str(Thread.objects.exclude(type="TICKET").get(visitor__nickname=thread_of).pk)


def test_a_whole_shift_in_a_foreign_frame_with_third_party_cookies_blocked(site, chromium, team, mia):
    sofia = factories.agent(nickname="Sofia Lund", username="sofia", teams=[team])
    token = factories.token(mia, entries=[f"{site.desk.scheme}://partner.example:*"])
    page = chromium.page("third-party-blocked")
    desk = open_framed(page, site, token)
    assert desk.evaluate("document.cookie") == ""

    # She begins: the page around sets her presence, and who waits is given to her at once.
    page.evaluate('command({type: "update_agent_status_available", id: 1})')
    assert heard(page, "ack", "data.id === 1")["data"]["ok"]
    ann = open_shop(chromium.page(), site, nickname="Ann")
    visitor_writes(ann, "Where is my parcel?")
    assert heard(page, "new_visitor_message", 'data.thread.user.nickname === "Ann"')
    row(desk, "Ann").click()
    expect(sent(desk, "Where is my parcel?")).to_be_visible()
    answer(desk, "Which order is it?")
    expect(at_visitor(ann, "Which order is it?")).to_be_visible()

    # Two more arrive while she writes; she keeps the focus, and the page around counts what is unread.
    field(desk).fill("A moment, I am")
    ben = open_shop(chromium.page(), site, nickname="王小明")
    visitor_writes(ben, "你好，我的订单呢？")
    cleo = open_shop(chromium.page(), site, nickname="ليلى")
    visitor_writes(cleo, "مرحبا، أريد استرداد المبلغ")
    heard(page, "unread_message_count", "data.unreadThreads.length === 2")
    expect(field(desk)).to_be_focused()
    desk.press(":focus", "End")
    page.keyboard.type(" looking.")
    page.keyboard.press("Enter")
    expect(at_visitor(ann, "A moment, I am looking.")).to_be_visible()

    # A note with a mention, a ticket of it, and the second conversation goes to a colleague.
    page.keyboard.press("Alt+n")
    page.keyboard.type("@sofia knows this order")
    page.keyboard.press("Enter")
    expect(desk.locator(".message.is-note:not(.is-pending)")).to_contain_text("knows this order")
    assert Message.objects.get(visibility="internal", type="text").mentions == [sofia.pk]
    page.keyboard.press("Alt+c")
    form = desk.get_by_role("dialog", name="Create a ticket")
    form.get_by_label("Title").fill("Parcel of order 4711 is late")
    form.get_by_role("button", name="Create", exact=True).click()
    expect(desk.locator(".log")).to_contain_text("#")
    ticket = Ticket.objects.get()
    assert (ticket.title, str(ticket.origin_thread_id)) == ("Parcel of order 4711 is late", waiting("Ann"))
    row(desk, "王小明").click()
    expect(sent(desk, "你好，我的订单呢？")).to_be_visible()
    page.keyboard.press("Alt+t")
    expect(desk.get_by_role("dialog", name="Transfer the conversation")).to_be_visible()
    page.keyboard.type("sof")
    expect(row(desk, "Sofia")).to_be_visible()
    page.keyboard.press("Enter")
    expect(desk.locator(".talk-state")).to_contain_text("with Sofia")
    assert heard(page, "thread_status_changed", 'data.action === "transferred"')

    # She finds the third by search, answers and closes it; its visitor rates.
    page.keyboard.press("Escape")
    desk.get_by_label("Search conversations").fill("ليل")
    row(desk, "ليلى").click()
    expect(sent(desk, "مرحبا، أريد استرداد المبلغ")).to_be_visible()
    answer(desk, "It is refunded.")
    expect(at_visitor(cleo, "It is refunded.")).to_be_visible()
    page.keyboard.press("Alt+e")
    expect(desk.locator(".talk-state")).to_contain_text("Closed")
    cleo.get_by_label("5 of 5 stars").check(force=True)
    cleo.get_by_role("button", name="Send rating").click()
    expect(cleo.get_by_text("Thank you for your rating.")).to_be_visible()
    assert Thread.objects.get(pk=waiting("ليلى")).rating == 5

    # The page around marks one read, and her status is told wherever it is changed.
    page.evaluate(f'command({{type: "clear_unread_count", data: {{threadUid: "{waiting("Ann")}"}}, id: 2}})')
    assert heard(page, "ack", "data.id === 2")["data"]["ok"]
    page.evaluate('command({type: "update_agent_status", data: {status: "BUSY"}, id: 3})')
    assert heard(page, "agent_status_changed", 'data.status === "BUSY"')

    # The shift ends: an admin disables the token, and the frame goes dark at once, by its own word.
    disable_token(row=AccessToken.objects.get(), actor=factories.admin())
    assert heard(page, "session_ended")["data"]["code"] == "token_disabled"
    expect(desk.get_by_role("heading").first).to_be_visible()
    assert page.evaluate("heard.every(({origin}) => origin === heard[0].origin)")
