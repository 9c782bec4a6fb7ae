"""Files in a real browser: chosen, pasted and dropped by a visitor, sent by an agent, seen on both sides."""

import base64
import json
import re
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Frame, Page, expect

from messaging.models import Attachment, Message, Thread
from tests import factories
from tests.browser.pages import Server, listen
from tests.browser.test_chat_page import arrived, bubble, reply, visit, write
from tests.browser.test_widget import open_chat, shop
from tests.messaging.uploads import EXE, PDF, png

pytestmark = pytest.mark.browser

TRANSFER = """
([target, type, files]) => {
  const data = new DataTransfer();
  for (const [name, kind, content] of files) {
    const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    data.items.add(new File([bytes], name, {type: kind}));
  }
  const options = {bubbles: true, cancelable: true};
  const event = type === "paste"
    ? new ClipboardEvent(type, {...options, clipboardData: data})
    : new DragEvent(type, {...options, dataTransfer: data});
  document.querySelector(target).dispatchEvent(event);
}"""


@pytest.fixture
def mia(transactional_db):
    return factories.agent(nickname="Mia Castellanos", teams=[factories.team("Sales")])


@pytest.fixture
def server(http_site, mia) -> Server:
    return Server(http_site, mia)


def give(place: Page | Frame, how: str, *files: tuple[str, str, bytes], target: str = ".write") -> None:
    """Paste or drop files as a browser does."""
    coded = [[name, kind, base64.b64encode(content).decode()] for name, kind, content in files]
    place.evaluate(TRANSFER, [target, how, coded])


def picture(place: Page | Frame, name: str):
    """Return a picture that the desk has and the browser shows."""
    return place.locator(".message:not(.is-pending)").get_by_role("img", name=name)


def loaded(place: Page | Frame, name: str) -> bool:
    expect(picture(place, name)).to_be_visible()
    for _ in range(100):
        if picture(place, name).evaluate("element => element.complete && element.naturalWidth > 0"):
            return True
        (place if isinstance(place, Page) else place.page).wait_for_timeout(50)
    return False


def agent_sends(server: Server, file: bytes, name: str, thread: Thread, **more) -> dict:
    edge = "----x"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + file + f"\r\n--{edge}--\r\n".encode()
    headers = {
        "Authorization": f"Bearer {server.token}",
        "Content-Type": f"multipart/form-data; boundary={edge}",
    }
    asked = Request(f"{server.url}/api/attachments/create", body, headers, method="POST")
    with urlopen(asked, timeout=10) as answer:
        made = json.load(answer)
    return server.call("POST", "messages/send", thread=str(thread.pk), attachment=made["id"], **more)


def test_a_pasted_picture_and_a_dropped_file_arrive_on_both_sides(http_site, chromium, server):
    page = chromium.page()
    complaints = listen(page)
    visit(page, http_site)
    give(page, "paste", ("截图.png", "image/png", png(800, 400)))
    assert loaded(page, "截图.png")
    give(page, "dragenter", ("terms.pdf", "application/pdf", PDF), target="body")
    expect(page.locator(".drop")).to_be_visible()
    give(page, "drop", ("terms.pdf", "application/pdf", PDF), target="body")
    expect(page.locator(".drop")).to_have_count(0)
    expect(arrived(page, "terms.pdf")).to_be_visible()
    write(page, "That is what I mean")
    expect(arrived(page, "That is what I mean")).to_be_visible()
    thread = Thread.objects.get()
    listed = server.call("GET", f"messages/list?thread={thread.pk}")
    assert [each["type"] for each in listed] == ["image", "file", "text"]
    assert [each["attachment"] and each["attachment"]["name"] for each in listed] == [
        "截图.png", "terms.pdf", None,
    ]  # fmt: skip
    assert (listed[0]["attachment"]["width"], listed[0]["attachment"]["height"]) == (800, 400)
    other = chromium.page()  # an agent's, who has no cookie of the desk
    other.goto(http_site.origin + listed[0]["attachment"]["url"])
    assert other.evaluate("document.images[0].naturalWidth") == 800
    reply(server, "Look here")
    agent_sends(server, png(300, 200), "map.png", thread, content="The way to us")
    assert loaded(page, "map.png")
    expect(bubble(page, "The way to us")).to_be_visible()
    page.reload()
    assert loaded(page, "截图.png") and loaded(page, "map.png")
    assert complaints == []


def test_files_that_are_chosen_keep_the_order_in_which_all_was_sent(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    write(page, "First")
    files = [
        {"name": f"{number}.txt", "mimeType": "text/plain", "buffer": b"x" * 400_000} for number in range(3)
    ]
    page.locator(".chooser").set_input_files(files)
    write(page, "Last")
    expect(arrived(page, "Last")).to_be_visible()
    expect(page.locator(".is-pending")).to_have_count(0)
    stored = Message.objects.order_by("seq")
    assert [each.content or each.attachment.name for each in stored] == [
        "First", "0.txt", "1.txt", "2.txt", "Last",
    ]  # fmt: skip


# Of the messages alone: the line above new ones comes and goes.
MESSAGES_HIGH = "[...document.querySelectorAll('.message')].reduce((sum, each) => sum + each.offsetHeight, 0)"


def test_nothing_moves_when_a_picture_comes_late(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    write(page, "Hello")
    expect(arrived(page, "Hello")).to_be_visible()
    thread = reply(server, "Wait a moment")
    page.route("**/files/**", lambda route: None)  # held back for ever
    agent_sends(server, png(300, 900), "tall.png", thread)
    expect(picture(page, "tall.png")).to_be_attached()
    before = page.evaluate(MESSAGES_HIGH)
    box = picture(page, "tall.png").bounding_box()
    assert abs(box["height"] / box["width"] - 3) < 0.1
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    assert loaded(page, "tall.png")
    assert abs(page.evaluate(MESSAGES_HIGH) - before) <= 1


def test_what_cannot_be_sent_is_said_before_and_after(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    page.evaluate("""() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(26 * 1024 * 1024)], "film.mp4", {type: "video/mp4"}));
      data.items.add(new File(["<svg/>"], "a.svg", {type: "image/svg+xml"}));
      const event = new ClipboardEvent("paste", {bubbles: true, clipboardData: data});
      document.querySelector(".write").dispatchEvent(event);
    }""")
    expect(page.locator(".refused-files")).to_contain_text("film.mp4: A file may have at most 25 MB.")
    expect(page.locator(".refused-files")).to_contain_text("a.svg: Files of this kind are not taken here.")
    assert not Attachment.objects.exists() and page.locator(".is-pending").count() == 0
    give(page, "paste", ("photo.png", "image/png", EXE))
    expect(page.locator(".is-failed")).to_contain_text("Not sent. Files of this kind are not taken here.")
    write(page, "Then in words")
    expect(arrived(page, "Then in words")).to_be_visible()
    page.locator(".is-failed").get_by_text("Delete").click()
    expect(page.locator(".is-pending")).to_have_count(0)


def test_an_upload_that_breaks_off_goes_on_by_itself_and_is_one_message(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    cut = []

    def break_off(route) -> None:
        if len(cut) < 2:
            cut.append(1)
            route.abort()
        else:
            route.continue_()

    page.route("**/api/chat/upload*", break_off)
    give(page, "paste", ("a.png", "image/png", png(100, 100)))
    write(page, "Behind it")
    assert loaded(page, "a.png")
    expect(arrived(page, "Behind it")).to_be_visible()
    assert [each.type for each in Message.objects.order_by("seq")] == ["image", "text"]


def test_what_was_uploaded_is_sent_after_a_reload_and_what_was_not_is_asked_for(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/api/chat/send*", lambda route: route.abort())
    give(page, "paste", ("there.png", "image/png", png(100, 100)))
    page.wait_for_timeout(800)
    assert Attachment.objects.count() == 1
    page.route("**/api/chat/upload*", lambda route: route.abort())
    give(page, "paste", ("lost.png", "image/png", png(100, 100)))
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    assert loaded(page, "there.png")
    expect(page.locator(".is-failed")).to_contain_text("Please choose the file again.")
    assert Message.objects.count() == 1


def test_a_picture_is_enlarged_and_escape_closes_only_that(http_site, chromium, server):
    page = chromium.page("all-blocked")
    complaints = listen(page)
    page.goto(shop(http_site))
    frame = open_chat(page)
    give(frame, "paste", ("map.png", "image/png", png(900, 700)))
    assert loaded(frame, "map.png")
    frame.get_by_label("Enlarge map.png").click()
    large = frame.locator(".lightbox img")
    expect(large).to_be_visible()
    assert large.evaluate("element => element.decode().then(() => element.naturalWidth)") == 900
    page.keyboard.press("Escape")
    expect(frame.locator(".lightbox")).to_have_count(0)
    expect(frame.locator(".write")).to_be_visible()
    assert complaints == []


def test_a_card_is_shown_and_its_button_answers(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    write(page, "Where is my order?")
    expect(arrived(page, "Where is my order?")).to_be_visible()
    thread = reply(server, "One moment")
    card = {
        "title": "Order 4711",
        "text": "It leaves the house today.",
        "url": "https://shop.example.com/4711",
        "buttons": [
            {"label": "Track it", "url": "https://shop.example.com/track"},
            {"label": "取消订单", "reply": "Please cancel it"},
        ],
    }
    server.call("POST", "messages/send", thread=str(thread.pk), type="card", card=card)
    expect(page.locator(".card-title")).to_have_text("Order 4711")
    expect(page.get_by_role("link", name="Track it")).to_have_attribute("rel", "noopener noreferrer nofollow")
    page.get_by_role("button", name="取消订单").click()
    expect(arrived(page, "Please cancel it")).to_be_visible()
    assert Message.objects.latest("created_at").content == "Please cancel it"


def test_links_are_renewed_before_they_end(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    give(page, "paste", ("notes.txt", "text/plain", b"hello"))
    expect(arrived(page, "notes.txt")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("""() => {
      const now = Date.now;
      Date.now = () => now() + 2 * 3600_000;
      document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.wait_for_timeout(800)
    # The desk's own clock has not moved, so its link is the same again; it was asked for once.
    assert [url.split("?")[1].split("&")[0] for url in asked if "?before=" in url] == ["before=2"]
    expect(page.locator(".is-file")).to_have_attribute("href", re.compile("^/files/"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_looks_right_at_320_pixels(http_site, chromium, server, theme, tmp_path):
    page = chromium.page()
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{http_site.origin}/chat/?t=1&lang=zh&theme={theme}")
    expect(page.locator(".welcome")).to_be_visible()
    give(page, "paste", ("一张很宽的图片.png", "image/png", png(1600, 500, "teal")))
    assert loaded(page, "一张很宽的图片.png")
    give(
        page,
        "paste",
        ("一份名字特别特别特别特别特别特别特别特别长的合同（终稿）.pdf", "application/pdf", PDF),
    )
    expect(arrived(page, "合同")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".log").evaluate("element => element.scrollWidth <= element.clientWidth")
    page.screenshot(path=Path(tmp_path) / f"files-{theme}.png")
