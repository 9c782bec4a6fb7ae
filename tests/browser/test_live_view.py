"""The supervisor's view in a real browser: who waits, who is there to answer, what can be done from here."""

import time

import pytest
from playwright.sync_api import Page, expect

from messaging.models import Thread
from messaging.services import create_thread, get_or_create_visitor, send_message
from tests import factories
from tests.browser.pages import Server, listen, open_desk

pytestmark = pytest.mark.browser


@pytest.fixture
def team(transactional_db):
    team = factories.team("Sales")
    team.routing = "manual"  # who waits is given away by hand
    team.save()
    return team


@pytest.fixture
def chief(team):
    return factories.supervisor(nickname="Sofia", teams=[team], status="OFFLINE")


@pytest.fixture
def mia(team):
    return factories.agent(nickname="Mia Castellanos", teams=[team], status="OFFLINE")


def waiting(team, name: str = "Ann", text: str = "Where is my parcel?") -> Thread:
    talk = create_thread(type="WORKGROUP", visitor=get_or_create_visitor(nickname=name), team=team)
    send_message(thread=talk, visitor=talk.visitor, content=text)
    return talk


def open_live(page: Page, site, chief) -> Page:
    open_desk(page, site, chief)
    page.get_by_role("navigation").get_by_role("button", name="Overview").click()
    expect(region(page, "Who waits")).to_be_visible()
    return page


def region(page: Page, name: str):
    return page.get_by_role("region", name=name)


def figure(page: Page, name: str):
    return page.locator(".figure-card").filter(has_text=name).locator("dd")


def test_who_comes_into_the_queue_appears_by_itself_and_leaves_it_when_accepted(
    http_site, chromium, chief, mia, team
):
    page = chromium.page()
    complaints = listen(page)
    open_live(page, http_site, chief)
    expect(region(page, "Who waits").get_by_text("Nobody is waiting.")).to_be_visible()
    expect(figure(page, "In the queue")).to_have_text("0")
    talk = waiting(team)
    expect(region(page, "Who waits").get_by_text("Ann")).to_be_visible()
    expect(figure(page, "In the queue")).to_have_text("1")
    row = region(page, "Queues").first.get_by_role("row").filter(has_text="Sales")
    expect(row).to_contain_text("1")
    expect(row).to_contain_text("nobody")
    Server(http_site, mia).call("POST", f"threads/{talk.pk}/accept")
    expect(figure(page, "In the queue")).to_have_text("0")
    agents = region(page, "Agents")
    expect(agents.get_by_role("listitem").filter(has_text="Mia Castellanos")).to_contain_text("1/")
    assert complaints == []


def test_a_supervisor_takes_and_assigns_from_here(http_site, chromium, chief, mia, team):
    first, second = waiting(team, "Ann"), waiting(team, "Bob")
    page = open_live(chromium.page(), http_site, chief)
    page.get_by_role("button", name="Take over the conversation with Ann").click()
    expect(page.locator(".talk-name")).to_contain_text("Ann")  # what one takes, one answers
    page.get_by_role("navigation").get_by_role("button", name="Overview").click()
    page.get_by_role("button", name="Assign the conversation with Bob").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("option").filter(has_text="Mia").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Handed to Mia Castellanos.").first).to_be_visible()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.agent, second.agent) == (chief, mia)


def test_the_conversations_of_an_agent_are_shown_and_taken_over(http_site, chromium, chief, mia, team):
    talk = waiting(team)
    Server(http_site, mia).call("POST", f"threads/{talk.pk}/accept")
    page = open_live(chromium.page(), http_site, chief)
    row = region(page, "Agents").get_by_role("listitem").filter(has_text="Mia Castellanos")
    row.get_by_role("button", name="Mia Castellanos").click()
    expect(row.get_by_text("Ann")).to_be_visible()
    row.get_by_role("button", name="Take over the conversation with Ann").click()
    expect(row.get_by_text("No conversation at the moment.")).to_be_visible()
    talk.refresh_from_db()
    assert talk.agent == chief


def test_a_status_shows_at_once_and_who_is_there_comes_first(http_site, chromium, chief, mia):
    page = open_live(chromium.page(), http_site, chief)
    rows = region(page, "Agents").locator(".agent")
    expect(rows.filter(has_text="Mia Castellanos")).to_contain_text("Offline")
    Server(http_site, mia).call("PUT", "user/profile", status="AVAILABLE")
    expect(rows.first).to_contain_text("Mia Castellanos")
    expect(rows.first).to_contain_text("Available")


def test_many_events_cost_few_calls(http_site, chromium, chief, mia, team):
    page = open_live(chromium.page(), http_site, chief)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "threads/queue" in request.url else None)
    begun = time.monotonic()
    for number in range(25):
        waiting(team, f"Visitor {number}")
    expect(figure(page, "In the queue")).to_have_text("25")
    assert len(asked) <= 3 + (time.monotonic() - begun) / 2


def test_agents_have_no_overview(http_site, chromium, mia):
    page = open_desk(chromium.page(), http_site, mia)
    expect(page.get_by_role("navigation").get_by_role("button", name="Overview")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 768])
def test_it_fits_narrow_pages(http_site, chromium, chief, mia, team, width):
    waiting(team, "Ann with a name that goes on and on and on", "text " * 40)
    page = open_live(chromium.page(), http_site, chief)
    page.set_viewport_size({"width": width, "height": 700})
    expect(page.get_by_role("button", name="Assign the conversation")).to_be_visible()
    assert page.evaluate("document.querySelector('.live').scrollWidth") <= width
