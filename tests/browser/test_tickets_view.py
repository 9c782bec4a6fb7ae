"""Tickets in the workstation in a real browser: found, changed by two at once, answered, made, by keys."""

from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from messaging.models import Message, Thread
from messaging.services import create_thread, get_or_create_visitor, send_message
from tests import factories
from tests.browser.pages import Server, listen, open_desk
from tests.streams import until
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def team(transactional_db):
    return factories.team("Sales")


@pytest.fixture
def mia(team):
    return factories.agent(nickname="Mia Castellanos", teams=[team], status="AVAILABLE")


@pytest.fixture
def server(http_site, mia) -> Server:
    return Server(http_site, mia)


@pytest.fixture
def made(server, mia, team) -> dict:
    return server.call(
        "POST",
        "tickets/create",
        title="Lost parcel",
        content="It was announced for Monday.",
        assignee=str(mia.pk),
        team=str(team.pk),
        requester={"nickname": "Ann", "email": "ann@example.com"},
        customFields={"order": 4711},
    )


@pytest.fixture
def page(http_site, chromium, mia, made) -> Page:
    """The list of tickets, one of them open."""
    page = open_tickets(chromium.page(), http_site, mia)
    option(page, "Lost parcel").click()
    expect(page.get_by_role("heading", name="Lost parcel")).to_be_visible()
    return page


def open_tickets(page: Page, site, agent, **token) -> Page:
    open_desk(page, site, agent, **token)
    page.get_by_role("navigation").get_by_role("button", name="Tickets").click()
    expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
    return page


def options(page: Page):
    return page.locator("#tickets-list").get_by_role("option")


def option(page: Page, name: str):
    return options(page).filter(has_text=name)


def field(page: Page, name: str):
    return page.get_by_role("complementary", name="Fields").get_by_label(name, exact=True)


def test_views_filters_and_search_find_tickets_and_count_them(http_site, chromium, mia, server, made):
    server.call("POST", "tickets/create", title="退款申请", priority="urgent", assignee=None)
    server.call("POST", "tickets/create", title="Solved one", status="closed")
    page = chromium.page()
    complaints = listen(page)
    open_tickets(page, http_site, mia)
    expect(options(page)).to_have_count(2)
    expect(page.get_by_role("tab", name="Mine")).to_contain_text("1")
    page.get_by_role("tab", name="Mine").click()
    expect(options(page)).to_have_count(1)
    page.get_by_role("tab", name="Unassigned").click()
    expect(option(page, "退款申请")).to_be_visible()
    page.get_by_role("tab", name="All").click()
    expect(options(page)).to_have_count(3)
    expect(page.get_by_text("3 tickets")).to_be_visible()

    search = page.get_by_role("textbox", name="Search tickets")
    search.fill("退款")
    expect(options(page)).to_have_count(1)
    search.fill("nowhere")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("button", name="Clear all filters").click()

    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Status", exact=True).first.select_option("closed")
    expect(options(page)).to_have_count(1)
    expect(option(page, "Solved one")).to_be_visible()
    page.get_by_label("Status", exact=True).first.select_option("")
    page.get_by_label("Order").select_option("-priority")
    expect(options(page).first).to_contain_text("退款申请")
    assert complaints == []


def test_a_long_list_is_paged_as_one_scrolls(http_site, chromium, mia, server):
    for number in range(60):
        server.call("POST", "tickets/create", title=f"Ticket number {number}")
    page = open_tickets(chromium.page(), http_site, mia)
    page.get_by_role("tab", name="All").click()
    expect(page.get_by_text("60 tickets")).to_be_visible()
    page.locator("#tickets-list .virtual").focus()
    page.keyboard.press("End")
    expect(page.locator("#tickets-list .virtual-inner")).to_have_css("height", f"{60 * 72}px")
    page.keyboard.press("End")
    expect(option(page, "Ticket number 0")).to_be_visible()


def test_fields_are_saved_as_they_are_changed(page, made, team):
    field(page, "Status").select_option("pending")
    expect(option(page, "Lost parcel")).to_contain_text("Pending")
    field(page, "Priority").select_option("urgent")
    field(page, "Assignee").select_option("")
    tags = field(page, "Tags")
    tags.fill("delivery")
    tags.press("Enter")
    tags.fill("vip,")
    field(page, "Due").fill("2027-01-31T17:00")
    field(page, "Type").fill("question")
    field(page, "Value of order").fill("4712")
    page.get_by_role("complementary", name="Fields").get_by_label("Name of the field").focus()
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("listitem").filter(has_text="Status").last).to_contain_text("Pending")
    expect(page.get_by_role("listitem").filter(has_text="Custom fields").first).to_contain_text("order: 4712")
    ticket = Ticket.objects.get(pk=made["id"])
    assert (ticket.status, ticket.assignee_id, ticket.tags, ticket.type) == (
        "pending", None, ["delivery", "vip"], "question",
    )  # fmt: skip
    local = page.evaluate("new Date(2027, 0, 31, 17).toISOString()")
    assert ticket.due_at == datetime.fromisoformat(local)
    assert ticket.custom_fields == {"order": "4712"} and ticket.get_priority_display().lower() == "urgent"


def test_a_change_of_somebody_else_shows_at_once(page, server, made):
    server.call("PUT", f"tickets/{made['id']}", status="on_hold", title="Lost and found")
    expect(page.get_by_role("heading", name="Lost and found")).to_be_visible()
    expect(field(page, "Status")).to_have_value("on_hold")


def test_two_who_change_the_same_field_are_asked_and_others_go_together(page, server, made):
    page.get_by_role("button", name="Edit the description").click()
    page.get_by_label("Description").fill("Mine")
    server.call("PUT", f"tickets/{made['id']}", content="Theirs", priority="high")
    expect(field(page, "Priority")).to_have_value(
        "medium"
    )  # the reader is writing: nothing moves under the hand
    page.get_by_role("button", name="Save", exact=True).click()
    clash = page.get_by_role("group", name="Changed by somebody else")
    expect(clash).to_contain_text("Theirs")
    assert Ticket.objects.get(pk=made["id"]).content == "Theirs"
    clash.get_by_role("button", name="Use yours: Description").click()
    expect(clash).to_have_count(0)
    expect(field(page, "Priority")).to_have_value("high")
    for _ in range(50):  # the page shows it before the desk has it
        if Ticket.objects.get(pk=made["id"]).content == "Mine":
            break
        page.wait_for_timeout(100)
    assert Ticket.objects.get(pk=made["id"]).content == "Mine"


def test_replies_and_notes_go_into_the_tickets_conversation(page, made):
    page.locator(".write").fill("It is on its way.")
    page.locator(".write").press("Enter")
    expect(page.get_by_role("main").get_by_text("It is on its way.")).to_be_visible()
    page.get_by_role("radio", name="Note").click()
    page.locator(".write").fill("The driver is ill")
    page.locator(".write").press("Enter")
    expect(page.get_by_role("main").get_by_text("The driver is ill")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("No message yet")).to_have_count(0)
    until(lambda: Message.objects.filter(thread_id=made["thread"]).count() == 2)
    said = Message.objects.filter(thread_id=made["thread"]).values_list("content", "visibility")
    assert sorted(said) == [("It is on its way.", "public"), ("The driver is ill", "internal")]


def test_a_ticket_is_made_in_a_dialog_that_names_what_is_wrong(http_site, chromium, mia, team):
    page = open_tickets(chromium.page(), http_site, mia)
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog", name="New ticket")
    expect(dialog.get_by_label("Title")).to_be_focused()
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_label("Title")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Title").fill("Broken lamp")
    dialog.get_by_label("Requester's e-mail").fill("nonsense")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_label("Requester's e-mail")).to_be_focused()
    dialog.get_by_label("Requester's e-mail").fill("ann@example.com")
    dialog.get_by_label("Team").select_option(label="Sales")
    dialog.get_by_label("Priority").select_option("high")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Broken lamp")).to_be_visible()
    ticket = Ticket.objects.get()
    assert ticket.team == team and ticket.assignee == mia and ticket.requester.email == "ann@example.com"


def test_everything_goes_by_keyboard(http_site, chromium, mia, made, server):
    server.call("POST", "tickets/create", title="Another", assignee="me")
    page = open_desk(chromium.page(), http_site, mia)
    page.keyboard.press("5")
    expect(options(page)).to_have_count(2)
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Search tickets")).to_be_focused()
    page.keyboard.type("parcel")
    expect(options(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Lost parcel")).to_be_visible()
    page.keyboard.press("s")
    expect(field(page, "Status")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(field(page, "Status")).to_have_value("pending")
    page.get_by_role("heading", name="Lost parcel").click()
    page.keyboard.press("Shift+E")
    expect(page.get_by_role("textbox", name="Title")).to_be_focused()
    page.keyboard.type("Found parcel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Found parcel")).to_be_visible()
    expect(page.get_by_role("button", name="Edit the title")).to_be_focused()
    page.keyboard.press("e")
    expect(field(page, "Status")).to_have_value("resolved")
    page.keyboard.press("r")
    expect(page.locator(".write")).to_be_focused()
    # What is shown is ahead of what is saved.
    saved = Ticket.objects.filter(pk=made["id"]).values_list("title", "status")
    until(lambda: saved.get() == ("Found parcel", "resolved"))


def test_a_ticket_goes_to_the_bin_after_a_question(page, made):
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Move to the bin").click()
    page.get_by_role("dialog").get_by_role("button", name="Move to the bin").click()
    expect(page.get_by_text("No ticket is open")).to_be_visible()
    expect(option(page, "Lost parcel")).to_have_count(0)
    assert Ticket.objects.get(pk=made["id"]).deleted_at


def test_a_ticket_that_is_handed_on_is_no_more_to_see(page, server, made):
    foreign = factories.team("Elsewhere")
    chief = factories.supervisor()
    site_server = Server.__new__(Server)
    site_server.__dict__ |= server.__dict__ | {"token": factories.token(chief, allow_no_origin=True)}
    site_server.call("PUT", f"tickets/{made['id']}", team=str(foreign.pk), assignee=None)
    expect(page.get_by_text("This ticket is not yours to see")).to_be_visible()
    expect(option(page, "Lost parcel")).to_have_count(0)


def test_who_may_only_read_changes_nothing(http_site, chromium, mia, made):
    scopes = ["login:agent", "tickets:read", "messages:read", "users:read", "events:read"]
    page = open_tickets(chromium.page(), http_site, mia, scope_names=scopes)
    option(page, "Lost parcel").click()
    expect(field(page, "Status")).to_be_disabled()
    for name in ("Edit the title", "Edit the description", "Resolve", "New ticket"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_a_ticket_at_320_pixels_has_its_fields_behind_a_tab(page):
    page.set_viewport_size({"width": 320, "height": 640})
    page.get_by_role("tab", name="Fields").click()
    page.get_by_label("Status", exact=True).select_option("pending")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Back to the list").click()
    expect(option(page, "Lost parcel")).to_contain_text("Pending")


def test_a_failed_list_can_be_asked_for_again(http_site, chromium, mia, made):
    page = chromium.page()
    page.route("**/api/tickets/list*", lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    open_tickets(page, http_site, mia)
    expect(page.get_by_role("alert").filter(has_text="This could not be loaded")).to_be_visible()
    page.unroute("**/api/tickets/list*")
    page.get_by_role("button", name="Try again").click()
    expect(option(page, "Lost parcel")).to_be_visible()


def test_a_ticket_of_a_conversation_leads_back_to_it(http_site, chromium, mia, team):
    ann = get_or_create_visitor(nickname="Ann")
    talk = create_thread(type="WORKGROUP", visitor=ann, agent=mia, team=team, topic="Delivery")
    send_message(thread=talk, visitor=ann, content="Where is my parcel?")
    page = open_desk(chromium.page(), http_site, mia)
    page.get_by_role("option").filter(has_text="Ann").click()
    page.keyboard.press("Escape")
    page.get_by_role("complementary", name="Details").get_by_role("button", name="Create…").click()
    dialog = page.get_by_role("dialog", name="Create a ticket")
    expect(dialog.get_by_label("Title")).to_have_value("Delivery")
    expect(dialog.get_by_label("Requester")).to_have_count(0)
    dialog.get_by_role("button", name="Create").click()
    tickets = page.get_by_role("complementary", name="Details").get_by_role("region", name="Tickets")
    expect(tickets.get_by_text("from this conversation")).to_be_visible()
    tickets.get_by_role("button", name="Delivery").click()
    page.get_by_role("button", name="Open the conversation it came from").click()
    expect(page.get_by_role("main").get_by_text("Where is my parcel?")).to_be_visible()
    assert Ticket.objects.get().requester == ann
    assert Thread.objects.filter(type="TICKET").count() == 1
