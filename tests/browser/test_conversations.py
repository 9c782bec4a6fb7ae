"""An agent in the workstation and a visitor on the chat page, in two browsers, talk to each other."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from messaging.models import Message, Thread
from messaging.services import accept_thread, create_thread, get_or_create_visitor, send_message
from tests import factories
from tests.browser.pages import Server, answer, conversation, field, open_desk, open_shop, row, sent
from tests.browser.test_chat_page import arrived as at_visitor
from tests.browser.test_chat_page import write as visitor_writes

pytestmark = pytest.mark.browser


@pytest.fixture
def team(transactional_db):
    team = factories.team("Sales")
    team.routing = "manual"  # who waits is taken from the queue by hand
    team.save()
    return team


@pytest.fixture
def mia(team):
    return factories.agent(nickname="Mia Castellanos", teams=[team], status="AVAILABLE")


@pytest.fixture
def desk_page(http_site, chromium, mia) -> Page:
    return open_desk(chromium.page(), http_site, mia)


def test_the_search_field_finds_conversations(http_site, desk_page, mia):
    conversation(mia, nickname="Ann Reader")
    conversation(mia, nickname="王小明")
    desk_page.keyboard.press("/")
    expect(desk_page.get_by_label("Search conversations")).to_be_focused()
    desk_page.keyboard.type("小明")
    expect(row(desk_page, "王小明")).to_be_visible()
    expect(row(desk_page, "Ann Reader")).to_have_count(0)
    desk_page.keyboard.press("Escape")
    expect(row(desk_page, "Ann Reader")).to_be_visible()


def test_a_note_is_unlike_an_answer_and_no_visitor_sees_it(http_site, chromium, desk_page):
    chat = open_shop(chromium.page(), http_site)
    visitor_writes(chat, "Hello")
    expect(desk_page.get_by_role("tab", name="Queue")).to_contain_text("1")
    desk_page.keyboard.press("a")
    expect(field(desk_page)).to_be_focused()
    desk_page.keyboard.press("Alt+n")
    expect(desk_page.get_by_role("radio", name="Note")).to_be_checked()
    answer(desk_page, "A difficult customer")
    expect(desk_page.locator(".message.is-note")).to_contain_text("A difficult customer")
    desk_page.keyboard.press("Alt+r")
    answer(desk_page, "Hello Ann")
    expect(at_visitor(chat, "Hello Ann")).to_be_visible()
    expect(chat.locator(".bubble")).to_have_count(2)
    assert Message.objects.get(content="A difficult customer").visibility == "internal"


def test_escape_takes_the_last_answer_back(http_site, desk_page, mia):
    conversation(mia)
    row(desk_page, "Ann").click()
    answer(desk_page, "To the wrong person")
    expect(sent(desk_page, "To the wrong person")).to_be_visible()
    field(desk_page).press("Escape")
    expect(desk_page.locator(".bubble.is-empty")).to_contain_text("recalled")
    expect(field(desk_page)).to_have_value("To the wrong person")
    assert Message.objects.latest("seq").content == ""


def test_the_arrow_up_edits_the_last_answer(http_site, desk_page, mia):
    conversation(mia)
    row(desk_page, "Ann").click()
    answer(desk_page, "It comes tomorow")
    expect(sent(desk_page, "tomorow")).to_be_visible()
    field(desk_page).press("ArrowUp")
    editor = desk_page.get_by_label("Edit the message")
    expect(editor).to_be_focused()
    editor.fill("It comes tomorrow")
    editor.press("Enter")
    expect(sent(desk_page, "It comes tomorrow")).to_be_visible()
    expect(desk_page.locator(".meta", has_text="edited")).to_be_visible()
    expect(field(desk_page)).to_be_focused()


def test_a_slash_offers_canned_replies_filled_in(http_site, desk_page, mia):
    conversation(mia)
    Server(http_site, mia).call(
        "POST", "replies/create", shortcut="refund", content="Hello {{visitor.nickname}}, it is refunded."
    )
    row(desk_page, "Ann").click()
    field(desk_page).press_sequentially("/ref")
    expect(desk_page.get_by_role("listbox", name="Canned replies")).to_be_visible()
    field(desk_page).press("Enter")
    expect(field(desk_page)).to_have_value("Hello Ann, it is refunded.")
    assert Message.objects.count() == 1


def test_older_messages_come_by_scrolling_and_nothing_moves_when_new_ones_arrive(http_site, desk_page, mia):
    thread = conversation(mia, messages=180)
    row(desk_page, "Ann").click()
    expect(sent(desk_page, "Message 179")).to_be_in_viewport()
    log = desk_page.locator(".log")
    assert desk_page.locator(".message").count() == 50
    for _ in range(12):
        log.evaluate("log => { log.scrollTop = 0 }")
        desk_page.wait_for_timeout(120)
    expect(sent(desk_page, "Message 0")).to_be_visible()
    # What is far away is not in the page.
    assert desk_page.locator(".message").count() < 180
    log.evaluate("log => { log.scrollTop = 1500 }")
    desk_page.wait_for_timeout(200)
    place = """() => {
      const edge = document.querySelector(".log").getBoundingClientRect().top;
      const below = (each) => each.getBoundingClientRect().top > edge;
      const first = [...document.querySelectorAll(".message")].find(below);
      return [first.innerText, Math.round(first.getBoundingClientRect().top)];
    }"""
    before = desk_page.evaluate(place)
    send_message(thread=thread, visitor=thread.visitor, content="Are you there?")
    expect(desk_page.locator(".to-end")).to_contain_text("1 new message")
    assert desk_page.evaluate(place) == before
    desk_page.locator(".to-end").click()
    expect(sent(desk_page, "Are you there?")).to_be_in_viewport()


def test_what_arrives_takes_neither_the_focus_nor_the_place_in_the_list(http_site, desk_page, mia):
    for number in range(30):
        conversation(mia, nickname=f"Visitor {number}")
    listed = desk_page.get_by_role("listbox", name="Mine")
    expect(row(desk_page, "Visitor 29")).to_be_visible()
    listed.evaluate("list => { list.scrollTop = 720 }")
    row(desk_page, "Visitor 18").click()
    expect(sent(desk_page, "Message 0")).to_be_visible()
    field(desk_page).fill("In the middle of a sent")
    top = row(desk_page, "Visitor 17").bounding_box()["y"]
    conversation(mia, nickname="Somebody new")
    expect(desk_page.get_by_role("button", name="Chats")).to_contain_text("30")
    desk_page.wait_for_timeout(300)
    assert row(desk_page, "Visitor 17").bounding_box()["y"] == pytest.approx(top, abs=1)
    expect(field(desk_page)).to_be_focused()
    desk_page.keyboard.type("ence")
    expect(field(desk_page)).to_have_value("In the middle of a sentence")


def test_a_conversation_is_handled_by_keyboard_alone(http_site, desk_page, mia, team):
    sofia = factories.agent(nickname="Sofia", teams=[team], status="AVAILABLE")
    visitor = get_or_create_visitor(nickname="Ann")
    thread = create_thread(type="WORKGROUP", visitor=visitor, team=team)
    send_message(thread=thread, visitor=visitor, content="Hello?")
    expect(desk_page.get_by_role("tab", name="Queue")).to_contain_text("1")
    keys = desk_page.keyboard
    keys.press("2")
    keys.press("a")
    expect(field(desk_page)).to_be_focused()
    keys.type("Good day")
    keys.press("Enter")
    expect(sent(desk_page, "Good day")).to_be_visible()
    keys.press("Alt+t")
    expect(desk_page.get_by_role("dialog", name="Transfer the conversation")).to_be_visible()
    keys.type("sof")
    expect(row(desk_page, "Sofia")).to_be_visible()
    keys.press("Enter")
    expect(desk_page.locator(".talk-state")).to_contain_text("with Sofia")
    thread.refresh_from_db()
    assert thread.agent == sofia

    keys.press("Control+k")
    expect(desk_page.get_by_role("dialog", name="Search or do")).to_be_visible()
    keys.type("close")
    keys.press("Enter")
    expect(desk_page.locator(".talk-state")).to_contain_text("Closed")
    keys.press("Alt+u")
    expect(desk_page.locator(".talk-state")).to_contain_text("with Sofia")
    keys.press("Alt+p")
    keys.press("b")
    expect(desk_page.get_by_role("radio", name="Busy")).to_be_checked()
    keys.press("Escape")
    keys.press("?")
    expect(desk_page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Transfer")


def test_enter_that_ends_an_input_method_does_not_send(http_site, desk_page, mia):
    conversation(mia)
    row(desk_page, "Ann").click()
    field(desk_page).fill("你好")
    field(desk_page).evaluate(
        """field => field.dispatchEvent(
             new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true}))"""
    )
    desk_page.wait_for_timeout(300)
    expect(field(desk_page)).to_have_value("你好")
    assert Message.objects.count() == 1


def test_what_a_visitor_is_typing_shows_at_once(http_site, chromium, desk_page):
    page = chromium.page()
    chat = open_shop(page, http_site)
    visitor_writes(chat, "Hello")
    expect(desk_page.get_by_role("tab", name="Queue")).to_contain_text("1")
    desk_page.keyboard.press("a")
    expect(sent(desk_page, "Hello")).to_be_visible()
    chat.get_by_label("Write a message…").press_sequentially("I think it was")
    expect(desk_page.locator(".typing")).to_contain_text("I think it was")
    chat.get_by_label("Write a message…").press("Enter")
    expect(sent(desk_page, "I think it was")).to_be_visible()
    expect(desk_page.locator(".typing-words")).to_have_count(0)


def test_a_long_list_is_loaded_by_scrolling_and_stays_light(http_site, desk_page, mia):
    visitor = get_or_create_visitor(nickname="Ann")
    now = timezone.now()
    Thread.objects.bulk_create(
        Thread(
            type="AGENT", state="open", visitor=visitor, agent=mia, topic=f"Topic {number}", created_at=now
        )
        for number in range(1_000)
    )
    desk_page.reload()
    listed = desk_page.get_by_role("listbox", name="Mine")
    expect(listed).to_be_visible()
    for _ in range(25):
        listed.evaluate("list => { list.scrollTop = list.scrollHeight }")
        desk_page.wait_for_timeout(60)
    assert desk_page.get_by_role("option").count() < 60
    assert listed.evaluate("list => list.scrollHeight") > 20_000


def picture(folder: Path) -> Path:
    path = folder / "chair.png"
    Image.new("RGB", (600, 400), "teal").save(path)
    return path


def test_files_go_along_with_an_answer_and_nothing_moves_when_they_show(
    http_site, chromium, desk_page, tmp_path
):
    chat = open_shop(chromium.page(), http_site)
    visitor_writes(chat, "What does it look like?")
    expect(desk_page.get_by_role("tab", name="Queue")).to_contain_text("1")
    desk_page.keyboard.press("a")
    expect(field(desk_page)).to_be_focused()
    desk_page.locator("input[type=file]").set_input_files(picture(tmp_path))
    expect(desk_page.locator(".attachment")).to_contain_text("chair.png")
    field(desk_page).press("Enter")
    shown = desk_page.locator(".bubble.is-picture img")
    expect(shown).to_have_attribute("width", "320")
    expect(shown).to_have_attribute("height", "213")
    expect(desk_page.locator(".attachment")).to_have_count(0)
    expect(chat.locator(".bubble img")).to_be_visible()
    shown.click()
    expect(desk_page.get_by_role("dialog", name="chair.png")).to_be_visible()
    desk_page.keyboard.press("Escape")
    expect(desk_page.get_by_role("dialog")).to_have_count(0)


def test_what_is_pasted_and_what_is_too_large_is_shown_before_it_is_sent(http_site, desk_page, mia):
    conversation(mia)
    row(desk_page, "Ann").click()
    paste = """(field, size) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(size)], "notes.txt", {type: "text/plain"}));
      const options = {clipboardData: data, bubbles: true, cancelable: true};
      field.dispatchEvent(new ClipboardEvent("paste", options));
    }"""
    field(desk_page).evaluate(paste, 26 * 1024 * 1024)
    expect(desk_page.locator(".attachment.is-failed")).to_contain_text("Too large")
    desk_page.get_by_label("Remove notes.txt").click()
    expect(desk_page.locator(".attachment")).to_have_count(0)


def test_of_two_agents_who_accept_the_second_takes_the_next(http_site, chromium, desk_page, mia, team):
    for name in ("Ann", "Ben"):
        visitor = get_or_create_visitor(nickname=name)
        thread = create_thread(type="WORKGROUP", visitor=visitor, team=team)
        send_message(thread=thread, visitor=visitor, content=f"I am {name}")
    expect(desk_page.get_by_role("tab", name="Queue")).to_contain_text("2")
    desk_page.route("**/api/events/stream", lambda route: route.abort())
    sofia = factories.agent(nickname="Sofia", teams=[team], status="AVAILABLE")
    first = Thread.objects.order_by("created_at").first()
    accept_thread(thread_id=first.pk, actor=sofia)
    desk_page.keyboard.press("a")
    expect(desk_page.locator(".talk-name")).to_contain_text("Ben")
    assert Thread.objects.get(visitor__nickname="Ben").agent == mia


def test_two_tabs_agree_on_what_was_read_and_said(http_site, desk_page, mia):
    conversation(mia)
    other = desk_page.context.new_page()
    other.goto(desk_page.url)
    expect(row(other, "Ann")).to_contain_text("1 unread")
    row(desk_page, "Ann").click()
    answer(desk_page, "From the first tab")
    expect(row(other, "From the first tab")).not_to_contain_text("unread")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(http_site, desk_page, mia, theme):
    thread = conversation(mia, messages=3)
    send_message(thread=thread, user=mia, content="A note", visibility="internal")
    desk_page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    keys = desk_page.keyboard

    def check(state: str) -> None:
        desk_page.wait_for_timeout(200)
        found = Axe().run(desk_page).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert not serious, (state, [(each["id"], each["nodes"][0]["html"]) for each in serious])

    row(desk_page, "Ann").click()
    expect(desk_page.locator(".message.is-note")).to_be_visible()
    check("conversation")
    field(desk_page).focus()
    keys.press("Alt+n")
    check("note")
    keys.press("Alt+t")
    expect(desk_page.get_by_role("dialog")).to_be_visible()
    check("transfer")
    keys.press("Escape")
    keys.press("Control+k")
    expect(desk_page.get_by_role("dialog", name="Search or do")).to_be_visible()
    check("palette")
    keys.press("Escape")
    keys.press("Alt+,")
    expect(desk_page.get_by_role("dialog", name="Settings")).to_be_visible()
    check("settings")
