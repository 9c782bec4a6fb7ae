"""Colleagues who talk to each other, in two real browsers."""

import re

import pytest
from playwright.sync_api import Page, expect

from messaging.models import Message, Thread
from tests import factories
from tests.browser.pages import Server, embed, heard, listen, open_desk

pytestmark = pytest.mark.browser


@pytest.fixture
def people(transactional_db):
    team = factories.team("Sales")
    names = {"mia": "Mia Castellanos", "bo": "Bo Lindqvist", "cy": "Cy 王"}
    return {name: factories.agent(username=name, nickname=names[name], teams=[team]) for name in names}


def dialog(page: Page):
    return page.get_by_role("dialog")


def field(page: Page):
    return page.get_by_role("textbox", name="Write a message…")


def row(page: Page, text: str):
    return page.locator(".pane-list").get_by_role("option").filter(has_text=text)


def details(page: Page):
    return page.get_by_role("complementary", name="Details")


def test_a_group_is_begun_by_keys_spoken_in_changed_and_left(http_site, chromium, people, tmp_path):
    page, other = chromium.page(), chromium.page()
    complaints = [listen(page), listen(other)]
    open_desk(other, http_site, people["bo"])
    open_desk(page, http_site, people["mia"])

    page.keyboard.press("d")
    to = dialog(page).get_by_role("combobox", name="To")
    expect(to).to_be_focused()
    for word in ("lind", "王"):
        expect(dialog(page).get_by_role("option")).not_to_have_count(0)
        to.fill(word)
        expect(dialog(page).get_by_role("option")).to_have_count(1)
        to.press("Enter")
    name = dialog(page).get_by_role("textbox", name="Name of the group")
    expect(name).to_have_attribute("placeholder", "Mia Castellanos, Bo Lindqvist, Cy 王")
    for width, theme in ((320, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 720})
        page.emulate_media(color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=tmp_path / f"begin-{width}.png")
    name.fill("Lunch")
    name.press("Enter")

    # One writes and mentions, and the other has it, with the writer's name.
    expect(field(page)).to_be_focused()
    expect(
        page.get_by_text("Mia Castellanos began this group with Bo Lindqvist, Cy 王.").last
    ).to_be_visible()
    page.keyboard.type("@bo")
    expect(page.get_by_role("listbox", name="Colleagues").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("@Bo Lindqvist ")
    page.keyboard.type("hungry?")
    page.keyboard.press("Enter")
    expect(row(other, "Lunch")).to_contain_text("2 unread")
    row(other, "Lunch").click()
    message = other.get_by_role("article").filter(has_text="hungry?")
    expect(message).to_contain_text("Mia Castellanos")
    assert Message.objects.get(content__contains="hungry").mentions == [people["bo"].pk]
    field(other).fill("Always")
    field(other).press("Enter")
    expect(page.get_by_role("article").filter(has_text="Always")).to_contain_text("Bo Lindqvist")

    # Members are beside it; who is removed sees it no more, and who names it tells the others.
    panel = details(page)
    expect(panel.get_by_role("listitem")).to_have_text(
        [re.compile("Mia"), re.compile("Bo"), re.compile("Cy")]
    )
    panel.get_by_role("button", name="Remove Cy 王 from the conversation").click()
    expect(panel.get_by_role("listitem")).to_have_count(2)
    panel.get_by_role("button", name="Rename the group").click()
    dialog(page).get_by_role("textbox").fill("Dinner")
    dialog(page).get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", name="Dinner").first).to_be_visible()
    expect(row(other, "Dinner")).to_be_visible()
    for width, theme in ((320, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 720})
        page.emulate_media(color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=tmp_path / f"group-{width}.png")
    panel.get_by_role("button", name="Remove Bo Lindqvist").click()
    expect(other.get_by_text("This conversation is not yours to see")).to_be_visible()
    expect(row(other, "Dinner")).to_have_count(0)

    # The last one who leaves ends it.
    panel.get_by_role("button", name="Leave").click()
    dialog(page).get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You have left Dinner.").first).to_be_visible()
    expect(row(page, "Dinner")).to_have_count(0)
    assert Thread.objects.get().state == "closed"
    assert complaints == [[], []]


def test_a_talk_with_one_colleague_is_begun_from_the_palette_and_found_again(http_site, chromium, people):
    page = chromium.page()
    complaints = listen(page)
    open_desk(page, http_site, people["mia"])
    for _ in range(2):
        page.keyboard.press("Control+k")
        dialog(page).get_by_role("combobox").fill("lindq")
        dialog(page).get_by_role("option").filter(has_text="Bo Lindqvist").filter(
            has_text="Write a message"
        ).click()
        expect(page.get_by_role("heading", name="Bo Lindqvist").first).to_be_visible()
        expect(field(page)).to_be_focused()
    assert [thread.type for thread in Thread.objects.all()] == ["MEMBER"]
    # To one chosen in the dialog it is the same conversation; the panel says with whom.
    page.keyboard.press("Alt+d")
    dialog(page).get_by_role("option").filter(has_text="Bo").click()
    dialog(page).get_by_role("button", name="Write", exact=True).click()
    expect(details(page).get_by_text("Bo Lindqvist")).to_be_visible()
    assert Thread.objects.count() == 1
    assert complaints == []


def test_the_parent_page_hears_of_a_group_by_its_name(http_site, chromium, people):
    page = chromium.page()
    embed(page, http_site, factories.token(people["mia"]))
    heard(page, "unread_message_count", "data.totalUnreadCount === 0")
    server = Server(http_site, people["bo"])
    members = [str(people["mia"].pk)]
    group = server.call("POST", "threads/create", type="GROUP", topic="Lunch", members=members)
    event = heard(page, "unread_message_count", "data.totalUnreadCount === 1")
    (told,) = event["data"]["unreadThreads"]
    assert (told["type"], told["topic"], told["agent"]) == ("GROUP", "Lunch", None)
    assert told["user"] == {"uid": group["uid"], "nickname": "Lunch", "avatar": ""}
    server.call("PUT", f"threads/{group['id']}", topic="Dinner")
    changed = heard(page, "thread_status_changed", "data.action === 'updated'")
    assert changed["data"]["thread"]["user"]["nickname"] == "Dinner"
