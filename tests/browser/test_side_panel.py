"""The panel beside a conversation in a real browser: the visitor, its pages, its past, and foreign pages."""

import pytest
from playwright.sync_api import Page, expect

from messaging.models import PageSeen, Thread, Visitor
from messaging.services import close_thread, create_thread, get_or_create_visitor, invite, send_message
from settings_app.services import change_settings
from tests import factories
from tests.browser.pages import Server, listen, open_desk, open_shop
from tests.browser.test_chat_page import write as visitor_writes
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def team(transactional_db):
    return factories.team("Sales")


@pytest.fixture
def mia(team):
    return factories.agent(nickname="Mia Castellanos", teams=[team], status="AVAILABLE")


@pytest.fixture
def ann(transactional_db) -> Visitor:
    return get_or_create_visitor(nickname="Ann", email="ann@example.com", external_id="customer-17")


@pytest.fixture
def thread(mia, ann, team):
    talk = create_thread(type="WORKGROUP", visitor=ann, agent=mia, team=team, topic="Delivery")
    send_message(thread=talk, visitor=ann, content="Where is my parcel?")
    return talk


def open_thread(page: Page, site, agent, thread, **token) -> Page:
    open_desk(page, site, agent, **token)
    page.evaluate("id => { location.hash = `threads/all/${id}`; }", str(thread.pk))
    page.reload()
    expect(panel(page).get_by_role("heading", name="Ann", exact=True)).to_be_visible()
    return page


def panel(page: Page):
    return page.get_by_role("complementary", name="Details")


def edit(page: Page):
    panel(page).get_by_role("button", name="Edit the visitor").click()
    return panel(page).get_by_role("form", name="Edit the visitor")


def test_it_shows_who_writes_and_lets_contact_and_fields_be_edited(http_site, chromium, mia, thread, ann):
    Visitor.objects.filter(pk=ann.pk).update(
        device={"browser": "Firefox", "os": "Linux", "timezone": "Asia/Tokyo"}, custom_fields={"seats": 3}
    )
    page = chromium.page()
    complaints = listen(page)
    open_thread(page, http_site, mia, thread)
    for words in ("ann@example.com", "Customer number: customer-17", "Firefox · Linux", "seats"):
        expect(panel(page).get_by_text(words).first).to_be_visible()

    form = edit(page)
    expect(form.get_by_label("Name", exact=True)).to_be_focused()
    form.get_by_label("Phone").fill("+49 30 1234")
    form.get_by_role("button", name="Add a field").click()
    form.get_by_label("Name of the field").last.fill("套餐")
    form.get_by_label("Value of 套餐").fill("gold")
    form.get_by_role("button", name="Save").click()

    expect(panel(page).get_by_role("link", name="+49 30 1234")).to_be_visible()
    expect(panel(page).get_by_role("button", name="Edit the visitor")).to_be_focused()
    changed = Visitor.objects.get(pk=ann.pk)
    assert changed.phone == "+49 30 1234" and changed.custom_fields == {"seats": 3, "套餐": "gold"}
    assert complaints == []


def test_what_two_people_change_apart_goes_together_and_the_same_field_is_asked(
    http_site, chromium, mia, thread, ann
):
    page = open_thread(chromium.page(), http_site, mia, thread)
    form = edit(page)
    form.get_by_label("Phone").fill("111")
    other = Server(http_site, mia)
    other.call("PUT", f"visitors/{ann.pk}", email="new@example.com")
    form.get_by_role("button", name="Save").click()
    expect(panel(page).get_by_role("link", name="new@example.com")).to_be_visible()
    assert Visitor.objects.get(pk=ann.pk).phone == "111"

    form = edit(page)
    form.get_by_label("Phone").fill("222")
    other.call("PUT", f"visitors/{ann.pk}", phone="333")
    form.get_by_role("button", name="Save").click()
    expect(panel(page).get_by_role("alert")).to_contain_text("Somebody else changed this")
    expect(form.get_by_role("group", name="Changed by somebody else")).to_be_focused()
    assert Visitor.objects.get(pk=ann.pk).phone == "333"
    form.get_by_role("button", name="Use yours: Phone").click()
    expect(panel(page).get_by_role("link", name="222")).to_be_visible()
    assert Visitor.objects.get(pk=ann.pk).phone == "222"


def test_a_field_that_does_not_fit_is_said_at_the_field(http_site, chromium, mia, thread):
    page = open_thread(chromium.page(), http_site, mia, thread)
    form = edit(page)
    form.get_by_label("E-mail").fill("nonsense")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("E-mail")).to_be_focused()
    expect(form.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    expect(panel(page).get_by_role("link", name="ann@example.com")).to_be_visible()


def test_what_a_page_only_claims_is_shown_as_a_claim(http_site, chromium, mia, team):
    claimant = Visitor.objects.create(nickname="Ann", device={"visitorUid": "customer-17"})
    talk = create_thread(type="WORKGROUP", visitor=claimant, agent=mia, team=team)
    page = open_thread(chromium.page(), http_site, mia, talk)
    expect(panel(page).get_by_text("Not verified; says to be customer-17")).to_be_visible()


def test_a_visitor_is_blocked_after_a_question_and_let_in_again(http_site, chromium, mia, thread, ann):
    page = open_thread(chromium.page(), http_site, mia, thread)
    panel(page).get_by_role("button", name="Block the visitor").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert Visitor.objects.get(pk=ann.pk).blocked_at is None
    panel(page).get_by_role("button", name="Block the visitor").click()
    page.get_by_role("dialog").get_by_role("button", name="Block", exact=True).click()
    expect(panel(page).get_by_text("Blocked since")).to_be_visible()
    panel(page).get_by_role("button", name="Unblock").click()
    expect(panel(page).get_by_text("Blocked since")).to_have_count(0)
    assert Visitor.objects.get(pk=ann.pk).blocked_at is None


def test_pages_that_the_visitor_looks_at_appear_at_once(http_site, chromium, mia, team):
    visitor = chromium.page()
    chat = open_shop(visitor, http_site, sid=str(team.pk))
    visitor_writes(chat, "Where is my parcel?")
    expect(chat.locator(".bubble")).to_have_text("Where is my parcel?")
    ann = Visitor.objects.get(nickname="Ann")
    page = open_thread(chromium.page(), http_site, mia, Thread.objects.get(visitor=ann))
    pages = panel(page).get_by_role("region", name="Pages seen")
    expect(pages.get_by_role("listitem")).to_have_count(PageSeen.objects.filter(visitor=ann).count())
    chat.evaluate(
        """async () => {
          const credential = Object.values(localStorage).join(" ").match(/vst_[\\w.-]+/)?.[0]
            ?? Object.values(sessionStorage).join(" ").match(/vst_[\\w.-]+/)[0];
          await fetch("/api/chat/page", {method: "POST", headers: {"Content-Type": "application/json",
            Authorization: `Bearer ${credential}`}, body: JSON.stringify(
              {url: "https://shop.example/cart", title: "The cart"})});
        }"""
    )
    expect(pages.get_by_role("listitem").first).to_contain_text("The cart")
    expect(pages.get_by_role("link", name="The cart")).to_have_attribute("rel", "noopener noreferrer")


def test_earlier_conversations_are_listed_and_opened(http_site, chromium, mia, thread, ann, team):
    earlier = create_thread(type="WORKGROUP", visitor=ann, agent=mia, team=team, topic="Refund")
    send_message(thread=earlier, visitor=ann, content="My refund?")
    close_thread(thread_id=earlier.pk, actor=mia)
    page = open_thread(chromium.page(), http_site, mia, thread)
    history = panel(page).get_by_role("region", name="Other conversations")
    expect(history.get_by_role("listitem")).to_have_count(1)
    history.get_by_role("button", name="My refund?").click()
    expect(page.get_by_role("main").get_by_text("My refund?")).to_be_visible()
    expect(history.get_by_role("button", name="Where is my parcel?")).to_be_visible()


def test_an_invitation_is_taken_back(http_site, chromium, mia, thread):
    guest = factories.agent(nickname="Noor")
    invite(thread_id=thread.pk, agent=guest, actor=mia)
    page = open_thread(chromium.page(), http_site, mia, thread)
    takers = panel(page).get_by_role("region", name="This conversation").get_by_role("listitem")
    expect(takers.filter(has_text="Noor")).to_contain_text("Invited")
    panel(page).get_by_role("button", name="Remove Noor from the conversation").click()
    expect(takers.filter(has_text="Noor")).to_have_count(0)
    assert Thread.objects.get(pk=thread.pk).participant_ids == []


def test_a_ticket_of_the_visitor_appears_by_itself(http_site, chromium, mia, thread, ann):
    page = open_thread(chromium.page(), http_site, mia, thread)
    tickets = panel(page).get_by_role("region", name="Tickets")
    expect(tickets.get_by_text("No tickets yet")).to_be_visible()
    made = Server(http_site, mia).call("POST", "tickets/create", title="Lost parcel", requester=str(ann.pk))
    row = tickets.get_by_role("button", name=f"#{made['number']} Lost parcel")
    expect(row).to_be_visible()
    row.click()
    expect(page.get_by_role("heading", name="Lost parcel")).to_be_visible()


def test_sections_stay_folded(http_site, chromium, mia, thread):
    page = open_thread(chromium.page(), http_site, mia, thread)
    fold = panel(page).get_by_role("button", name="Pages seen")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    page.reload()
    expect(panel(page).get_by_role("button", name="Pages seen")).to_have_attribute("aria-expanded", "false")


def test_tags_and_summary_are_saved_as_they_are_written(http_site, chromium, mia, thread):
    page = open_thread(chromium.page(), http_site, mia, thread)
    tags = panel(page).get_by_label("Tags", exact=True)
    tags.fill("delivery")
    tags.press("Enter")
    tags.fill("vip, 退款,")
    summary = panel(page).get_by_label("Summary", exact=True)
    summary.fill("The parcel is lost.")
    summary.press("Control+Enter")
    expect(panel(page).get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(panel(page).get_by_role("button", name="Remove the tag")).to_have_count(3)
    thread.refresh_from_db()
    assert (thread.tags, thread.summary) == (["delivery", "vip", "退款"], "The parcel is lost.")
    Server(http_site, mia).call("PUT", f"threads/{thread.pk}", summary="It was found again.")
    expect(summary).to_have_value("It was found again.")
    panel(page).get_by_role("button", name="Remove the tag vip").click()
    expect(panel(page).get_by_role("button", name="Remove the tag")).to_have_count(2)


class TestPanels:
    def show(self, url: str) -> None:
        change_settings(group="panels", values={"pages": [{"title": "Orders", "url": url}]})

    def test_a_foreign_page_is_told_the_uid_the_site_vouches_for_and_kept_in_its_place(
        self, https_site, chromium, mia, thread
    ):
        partner = https_site.partner
        reach = """<p id=here></p><script>
          const uid = new URLSearchParams(location.search).get("visitorUid");
          let left = "kept";
          try { top.location = "/elsewhere"; left = "left"; } catch {}
          document.getElementById("here").textContent = `uid ${uid} ${left} ${document.referrer}`;
        </script>"""
        self.show(partner.page(reach))
        page = chromium.page()
        open_thread(page, https_site, mia, thread)
        tabs = panel(page).get_by_role("tablist", name="Details")
        tabs.get_by_role("tab", name="Details").focus()
        page.keyboard.press("ArrowRight")
        expect(tabs.get_by_role("tab", name="Orders")).to_be_focused()
        frame = page.frame_locator("iframe[title=Orders]")
        expect(frame.locator("#here")).to_contain_text("uid customer-17 kept")
        expect(frame.locator("#here")).to_contain_text(f"{https_site.origin}/")
        sandbox = page.locator("iframe[title=Orders]").get_attribute("sandbox")
        assert "allow-top-navigation" not in sandbox
        tabs.get_by_role("tab", name="Details").click()
        expect(panel(page).get_by_role("heading", name="Ann", exact=True)).to_be_visible()

    def test_a_claimed_uid_is_never_passed_on(self, https_site, chromium, mia, team):
        claimant = Visitor.objects.create(nickname="Ann", device={"visitorUid": "customer-17"})
        talk = create_thread(type="WORKGROUP", visitor=claimant, agent=mia, team=team)
        self.show(https_site.partner.page("<p>Hello</p>"))
        page = open_thread(chromium.page(), https_site, mia, talk)
        panel(page).get_by_role("tab", name="Orders").click()
        address = page.locator("iframe[title=Orders]").get_attribute("src")
        assert f"visitorUid={claimant.pk}" in address and "customer-17" not in address

    def test_a_panel_that_comes_later_asks_for_a_fresh_page(self, https_site, chromium, mia, thread):
        page = open_thread(chromium.page(), https_site, mia, thread)
        expect(panel(page).get_by_role("tablist", name="Details")).to_have_count(0)
        self.show(https_site.partner.page("<p>Hello</p>"))
        panel(page).get_by_role("tab", name="Orders").click()
        expect(panel(page).get_by_role("alert")).to_contain_text("added after this page was opened")


def test_the_panel_works_at_320_pixels_by_keyboard_and_without_sideways_scrolling(
    http_site, chromium, mia, thread
):
    page = open_thread(chromium.page(), http_site, mia, thread)
    page.set_viewport_size({"width": 320, "height": 640})
    expect(panel(page)).to_have_count(0)
    page.get_by_role("button", name="Details").click()
    edit(page)
    wide = """() => [...document.querySelectorAll('.pane-side, .pane-side *')]
        .filter((each) => each.clientWidth > 0 && each.scrollWidth > each.clientWidth + 1)
        .filter((each) => getComputedStyle(each).overflowX === 'visible')
        .filter((each) => getComputedStyle(each).display !== 'inline').map((each) => each.className)"""
    assert page.evaluate(wide) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.keyboard.press("Escape")
    panel(page).get_by_role("button", name="Hide the details").click()
    expect(panel(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Details")).to_be_focused()


def test_tickets_of_the_desk_are_not_asked_for_without_their_scope(http_site, chromium, mia, thread):
    page = open_thread(
        chromium.page(), http_site, mia, thread, scope_names=["login:agent", "messages:read", "events:read"]
    )
    expect(panel(page).get_by_role("button", name="Edit the visitor")).to_have_count(0)
    tickets = panel(page).get_by_role("region", name="Tickets")
    expect(tickets.get_by_text("Not for this access token")).to_be_visible()
    assert not Ticket.objects.exists()
