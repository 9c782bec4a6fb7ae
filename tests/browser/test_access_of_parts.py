"""The panel, tickets, overview and canned replies before axe, in both themes: nothing serious."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from messaging.models import CannedReply, PageSeen, Visitor
from messaging.services import create_thread, get_or_create_visitor, send_message
from tests import factories
from tests.browser.pages import Server, open_desk

pytestmark = pytest.mark.browser


def check(page: Page, state: str) -> None:
    page.wait_for_timeout(300)
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in ("serious", "critical")]
    assert not serious, (state, [(each["id"], each["nodes"][0]["html"]) for each in serious])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(http_site, chromium, theme, transactional_db):
    team = factories.team("Sales")
    chief = factories.supervisor(nickname="Sofia", teams=[team], status="OFFLINE")
    ann = get_or_create_visitor(nickname="Ann", email="ann@example.com")
    Visitor.objects.filter(pk=ann.pk).update(device={"visitorUid": "17"}, custom_fields={"plan": "gold"})
    PageSeen.objects.create(visitor=ann, url="https://shop.example/", title="Shop")
    talk = create_thread(type="WORKGROUP", visitor=ann, agent=chief, team=team)
    send_message(thread=talk, visitor=ann, content="Where is my parcel?")
    bob = create_thread(type="WORKGROUP", visitor=get_or_create_visitor(nickname="Bob"), team=team)
    send_message(thread=bob, visitor=bob.visitor, content="Hello?")
    CannedReply.objects.create(shortcut="bye", content="Goodbye!")
    server = Server(http_site, chief)
    made = server.call("POST", "tickets/create", title="Lost", requester=str(ann.pk), tags=["vip"])
    server.call("PUT", f"tickets/{made['id']}", status="pending")

    page = chromium.page()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    open_desk(page, http_site, chief)
    page.get_by_role("option").filter(has_text="Ann").click()
    panel = page.get_by_role("complementary", name="Details")
    expect(panel.get_by_role("button", name=f"#{made['number']} Lost")).to_be_visible()
    check(page, "panel")
    panel.get_by_role("button", name="Edit the visitor").click()
    check(page, "editing")
    panel.get_by_label("Phone").fill("1")
    server.call("PUT", f"visitors/{ann.pk}", phone="2")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_role("group", name="Changed by somebody else")).to_be_visible()
    check(page, "clash")

    page.get_by_role("navigation").get_by_role("button", name="Tickets").click()
    page.get_by_role("button", name="Filters").click()
    page.locator("#tickets-list").get_by_role("option").first.click()
    expect(page.get_by_role("heading", name="Lost")).to_be_visible()
    check(page, "ticket")
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("listitem").filter(has_text="Status").last).to_be_visible()
    check(page, "history")
    page.get_by_role("button", name="New ticket").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page, "new ticket")
    page.keyboard.press("Escape")

    page.get_by_role("navigation").get_by_role("button", name="Overview").click()
    page.get_by_role("region", name="Agents").get_by_role("button", name="Sofia").click()
    expect(page.get_by_role("button", name="Assign the conversation with Bob")).to_be_visible()
    check(page, "overview")
    page.keyboard.press(",")
    page.get_by_role("button", name="Manage…").click()
    page.get_by_role("button", name="/bye").click()
    expect(page.get_by_label("Shortcut")).to_be_visible()
    check(page, "canned replies")
