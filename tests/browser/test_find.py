"""Finding what was said: in a conversation, loaded or not, and from the palette."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from messaging.models import Message
from messaging.services import read_thread, send_message
from tests.browser.test_conversations import conversation, desk_page, field, mia, row, sent, team

__all__ = ["desk_page", "mia", "team"]
pytestmark = pytest.mark.browser
LONG = 240  # messages: the page loads fifty at a time


@pytest.fixture
def talk(mia):
    """A long conversation in which two messages have what is looked for, far from its end."""
    thread = conversation(mia)
    told = {20: "My parcel number is 4711", 200: "Where is parcel 4711 now?"}
    for number in range(2, LONG + 1):
        text = told.get(number, f"Line {number}")
        Message.objects.create(thread=thread, seq=number, visitor=thread.visitor, type="text", content=text)
    thread.last_seq = LONG
    thread.save(update_fields=["last_seq"])
    read_thread(thread_id=thread.pk, user=mia)
    return thread


def in_view(page: Page, text: str) -> None:
    expect(sent(page, text)).to_be_in_viewport()
    expect(page.locator(".message.is-found")).to_contain_text(text)


def test_a_conversation_is_searched_far_beyond_what_is_loaded(http_site, talk, desk_page):
    row(desk_page, "Ann").click()
    expect(sent(desk_page, f"Line {LONG}")).to_be_visible()
    desk_page.keyboard.press("Alt+f")
    words = desk_page.get_by_label("Search in this conversation")
    expect(words).to_be_focused()
    words.fill("parcel")
    expect(desk_page.locator(".seek-count")).to_have_text("1 of 2")
    in_view(desk_page, "Where is parcel 4711 now?")
    words.press("Enter")
    expect(desk_page.locator(".seek-count")).to_have_text("2 of 2")
    in_view(desk_page, "My parcel number is 4711")
    expect(desk_page.locator("mark", has_text="parcel")).to_be_visible()
    # From there one reads on, without a gap, both ways.
    desk_page.locator(".log").evaluate("log => log.scrollTop = log.scrollHeight")
    expect(sent(desk_page, "Line 60")).to_have_count(1)
    assert desk_page.locator(".message").evaluate_all(
        "all => all.every((each, at) => !at || +each.dataset.seq === +all[at - 1].dataset.seq + 1)"
    )
    # What is said meanwhile is not put behind a gap; the way to it is shown.
    send_message(thread=talk, visitor=talk.visitor, content="And one more")
    desk_page.get_by_role("button", name="1 new message").click()
    expect(sent(desk_page, "And one more")).to_be_in_viewport()
    expect(sent(desk_page, "My parcel number")).to_have_count(0)
    words.press("Escape")
    expect(words).to_have_count(0)
    expect(desk_page.locator("mark")).to_have_count(0)


def test_an_answer_from_among_old_messages_leads_back_to_the_newest(http_site, talk, desk_page):
    row(desk_page, "Ann").click()
    expect(sent(desk_page, f"Line {LONG}")).to_be_visible()
    desk_page.keyboard.press("Alt+f")
    desk_page.keyboard.type("parcel number")
    in_view(desk_page, "My parcel number is 4711")
    field(desk_page).fill("It is on its way")
    field(desk_page).press("Enter")
    expect(sent(desk_page, "It is on its way")).to_be_in_viewport()
    expect(sent(desk_page, f"Line {LONG}")).to_have_count(1)


def test_the_palette_finds_a_message_says_why_and_leads_to_it(http_site, talk, desk_page):
    expect(row(desk_page, "Ann")).to_be_visible()
    desk_page.keyboard.press("Control+k")
    desk_page.keyboard.type("parcel number")
    found = desk_page.get_by_role("option", name="My parcel number is 4711")
    expect(found.locator("mark")).to_have_text("parcel number")
    found.click()
    in_view(desk_page, "My parcel number is 4711")
    expect(desk_page.locator(".message.is-found")).to_be_focused()
    expect(desk_page.locator(".seek-count")).to_have_text("1 of 1")


def test_what_is_typed_before_a_field_is_there_lands_in_it(http_site, talk, desk_page):
    """Nobody waits for a dialog to be fetched: its letters are neither commands nor words of an answer."""
    row(desk_page, "Ann").click()
    expect(field(desk_page)).to_be_visible()
    field(desk_page).focus()
    for keys, opened in (("Alt+g", "dialog input"), ("Alt+f", ".seek-field")):
        desk_page.keyboard.press(keys)
        desk_page.keyboard.type("pa")
        box = desk_page.locator(opened).first
        expect(box).to_have_value("pa")
        expect(field(desk_page)).to_have_value("")
        box.press("Escape")
    expect(desk_page.get_by_role("radio", name="Available")).to_be_checked()


def test_enter_sends_no_unfinished_answer_while_a_dialog_is_fetched(http_site, talk, desk_page):
    row(desk_page, "Ann").click()
    field(desk_page).fill("It is on")
    fetched = []
    desk_page.route("**/dialogs/people*", lambda route: fetched.append(route))
    with desk_page.expect_request("**/dialogs/people*"):
        desk_page.keyboard.press("Alt+t")
        for key in ("s", "Tab", "Enter", "Control+Enter"):
            desk_page.keyboard.press(key)
    expect(field(desk_page)).to_be_focused()
    expect(field(desk_page)).to_have_value("It is on")
    fetched.pop().continue_()
    expect(desk_page.get_by_role("dialog", name="Transfer the conversation")).to_be_visible()
    expect(desk_page.locator(".is-pending")).to_have_count(0)
    assert not Message.objects.filter(content="It is on").exists()


def test_a_colleague_is_found_beyond_those_that_are_known(http_site, talk, desk_page, team):
    """The desk lists two hundred at once; somebody of the same name among them hides nobody."""
    names = [(f"agent{number:03}", f"Agent {number}") for number in range(200)]
    names += [("agent200", "Zoe Lund"), ("zoe", "Zoe 王"), ("agent150b", "Zoe Adler")]
    User.objects.bulk_create(User(username=each, nickname=nickname) for each, nickname in names)
    desk_page.reload()  # who came without a word is not known to a page that has asked before
    row(desk_page, "Ann").click()
    desk_page.keyboard.press("Alt+v")
    dialog = desk_page.get_by_role("dialog", name="Invite a colleague")
    expect(dialog.get_by_role("option").first).to_be_visible()
    dialog.get_by_role("combobox").fill("zoe")
    expect(dialog.get_by_role("option")).to_have_count(3)
    dialog.get_by_role("combobox").fill("王")
    expect(dialog.get_by_role("option")).to_have_text([re.compile("Zoe 王")])
    dialog.get_by_role("combobox").press("Enter")
    expect(desk_page.get_by_text("Zoe 王 was invited.").first).to_be_visible()


def test_the_arrow_up_edits_the_last_message_where_it_can_be_seen(http_site, talk, desk_page, mia):
    send_message(thread=talk, user=mia, content="An older note", visibility="internal")
    send_message(thread=talk, user=mia, content="It is on its wya")
    for number in range(30):
        send_message(thread=talk, visitor=talk.visitor, content=f"Thanks {number}")
    row(desk_page, "Ann").click()
    expect(sent(desk_page, "Thanks 29")).to_have_count(1)
    field(desk_page).focus()
    desk_page.keyboard.press("ArrowUp")
    editor = desk_page.get_by_label("Edit the message")
    expect(editor).to_be_in_viewport()
    expect(editor).to_be_focused()
    expect(editor).to_have_value("It is on its wya")
    editor.fill("It is on its way")
    editor.press("Enter")
    expect(sent(desk_page, "It is on its way")).to_be_in_viewport()
