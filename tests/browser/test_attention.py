"""What calls an agent who looks elsewhere: the title, a sound, a notification, and words on coming back."""

import pytest
from playwright.sync_api import Page, expect

from messaging.services import send_message
from tests import factories
from tests.browser.test_conversations import conversation, mia, row, team
from tests.streams import until

__all__ = ["mia", "team"]
pytestmark = pytest.mark.browser

# What the browser does with our sounds and notifications is noted; what the page does about them is its own.
OBSERVED = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { tones += 1; return start.apply(this, given); };
window.notes = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, {body, tag}) { notes.push({title, body, tag}); window.lastNote = this; }
  close() { this.closed = true; }
};
let away = false;
window.goAway = (on) => { away = on; document.dispatchEvent(new Event("visibilitychange")); };
Object.defineProperty(document, "visibilityState", {get: () => (away ? "hidden" : "visible")});
document.hasFocus = () => !away;"""


@pytest.fixture
def desk_page(http_site, chromium, mia) -> Page:
    page = chromium.page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.clock.install()
    page.add_init_script(OBSERVED)
    page.goto(http_site.login(factories.token(mia)))
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    return page


def says(thread, text: str) -> None:
    send_message(thread=thread, visitor=thread.visitor, content=text)


def test_the_title_counts_what_is_unread(desk_page, mia):
    thread = conversation(mia)
    expect(desk_page).to_have_title("(1) Inlay")
    says(thread, "Hello?")
    expect(desk_page).to_have_title("(2) Inlay")
    row(desk_page, "Ann").click()
    expect(desk_page).to_have_title("Inlay")


def test_a_sound_calls_once_somebody_has_done_something_here(desk_page, mia):
    thread = conversation(mia)
    expect(desk_page).to_have_title("(1) Inlay")
    assert desk_page.evaluate("tones") == 0  # browsers let no page sound by itself
    desk_page.keyboard.press("Shift")
    desk_page.evaluate("goAway(true)")
    says(thread, "Are you there?")
    until(lambda: desk_page.evaluate("tones") == 2)  # one call is two tones
    desk_page.evaluate("goAway(false)")
    row(desk_page, "Ann").click()
    expect(desk_page).to_have_title("Inlay")
    says(thread, "I can see you")  # whoever reads along needs no call
    expect(desk_page.locator(".bubble", has_text="I can see you")).to_be_visible()
    assert desk_page.evaluate("tones") == 2


def test_notifications_come_where_they_are_wanted_and_lead_to_the_conversation(desk_page, mia):
    thread = conversation(mia)
    expect(row(desk_page, "Ann")).to_be_visible()
    desk_page.evaluate("goAway(true)")
    says(thread, "Nobody asked for a notification")
    expect(desk_page).to_have_title("(2) Inlay")
    assert desk_page.evaluate("notes") == []
    desk_page.evaluate("goAway(false)")
    desk_page.keyboard.press(",")
    desk_page.get_by_role("switch", name="Desktop notifications").click()
    desk_page.keyboard.press("Escape")
    desk_page.evaluate("goAway(true)")
    desk_page.clock.run_for(2_000)  # of several tabs the one that has called calls no second time at once
    says(thread, "Where is my parcel?")
    until(lambda: desk_page.evaluate("notes.length") == 1)
    assert desk_page.evaluate("notes[0]") == {
        "title": "Ann", "body": "Where is my parcel?", "tag": str(thread.pk),
    }  # fmt: skip
    desk_page.evaluate("goAway(false), lastNote.onclick()")
    expect(desk_page.locator(".bubble", has_text="Where is my parcel?")).to_be_visible()
    assert desk_page.evaluate("lastNote.closed")


def test_after_a_while_away_the_page_says_what_came(desk_page, mia):
    thread = conversation(mia)
    expect(row(desk_page, "Ann")).to_be_visible()
    desk_page.evaluate("goAway(true)")
    says(thread, "One")
    says(thread, "Two")
    expect(desk_page).to_have_title("(3) Inlay")
    desk_page.evaluate("goAway(false)")
    desk_page.clock.run_for(2_000)
    expect(desk_page.get_by_text("While you were away:")).to_have_count(0)  # that was a moment
    desk_page.evaluate("goAway(true)")
    desk_page.clock.fast_forward(61_000)
    says(thread, "Three")
    expect(desk_page).to_have_title("(4) Inlay")
    desk_page.evaluate("goAway(false)")
    desk_page.clock.run_for(2_000)
    note = desk_page.locator(".toast", has_text="While you were away: 1 new message")
    note.get_by_role("button", name="Show").click()
    expect(desk_page.locator(".bubble", has_text="Three")).to_be_visible()
