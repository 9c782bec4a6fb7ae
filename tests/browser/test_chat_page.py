"""The visitor's page in a real browser: writing, answers, lost connections, reloads, and who sees what."""

from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Frame, Page, expect

from accounts.models import User
from messaging.models import Message, Thread, Visitor
from tests import factories
from tests.browser.pages import Server, listen

pytestmark = pytest.mark.browser


@pytest.fixture
def team(transactional_db):
    return factories.team("Sales")


@pytest.fixture
def mia(team):
    return factories.agent(nickname="Mia Castellanos", teams=[team])


@pytest.fixture
def server(http_site, mia) -> Server:
    return Server(http_site, mia)


def visit(page: Page, site, **parameters: str) -> Page:
    page.goto(f"{site.origin}/chat/?{urlencode({'t': '1', 'lang': 'en'} | parameters)}")
    expect(page.locator(".welcome")).to_be_visible()
    return page


def write(place: Page | Frame, text: str) -> None:
    place.get_by_label("Write a message…").fill(text)
    place.get_by_label("Write a message…").press("Enter")


def bubble(place: Page | Frame, text: str):
    return place.locator(".bubble", has_text=text)


def arrived(place: Page | Frame, text: str):
    """Return the message once the desk has it: it is on its way no more."""
    return place.locator(".message:not(.is-pending) .bubble", has_text=text)


def reply(server: Server, text: str) -> Thread:
    thread = Thread.objects.latest("created_at")
    if thread.state == "queued":
        server.call("POST", f"threads/{thread.pk}/accept")
    server.call("POST", "messages/send", thread=str(thread.pk), content=text)
    return thread


def test_a_visitor_writes_and_the_answer_appears_without_a_reload(http_site, chromium, server):
    page = chromium.page()
    complaints, requests = listen(page), []
    page.on("request", lambda request: requests.append(request.url))
    visit(page, http_site)
    write(page, "Where is my parcel?")
    expect(arrived(page, "Where is my parcel?")).to_have_count(1)
    expect(page.locator(".head-state")).to_contain_text("Waiting · position 1")
    thread = reply(server, "It will be with you tomorrow: https://example.com/track")
    expect(bubble(page, "tomorrow")).to_be_visible()
    expect(page.locator(".head-name")).to_have_text("Mia Castellanos")
    expect(page.locator(".head-state")).to_contain_text("In conversation")
    expect(page.get_by_role("link", name="https://example.com/track")).to_have_attribute(
        "rel", "noopener noreferrer nofollow"
    )
    page.wait_for_timeout(600)
    thread.refresh_from_db()
    assert thread.visitor_read_seq == thread.last_seq
    assert all(url.startswith((http_site.origin, "data:", "blob:")) for url in requests)
    assert complaints == []


def test_what_is_written_without_a_connection_arrives_once_when_it_is_back(http_site, chromium, server):
    context = chromium.context()
    page = visit(context.new_page(), http_site)
    write(page, "First")
    expect(arrived(page, "First")).to_be_visible()
    context.set_offline(True)
    expect(page.locator(".banner")).to_be_visible()
    write(page, "Second")
    write(page, "Third")
    expect(page.locator(".is-pending")).to_have_count(2)
    context.set_offline(False)
    expect(arrived(page, "Third")).to_be_visible()
    expect(page.locator(".banner")).to_have_count(0)
    stored = Message.objects.order_by("seq").values_list("content", flat=True)
    assert list(stored) == ["First", "Second", "Third"]
    expect(page.locator(".bubble")).to_have_count(3)


def test_what_came_while_nobody_listened_is_shown_though_one_has_written_since(http_site, chromium, server):
    context = chromium.context()
    page = visit(context.new_page(), http_site)
    write(page, "Are you there?")
    expect(arrived(page, "Are you there?")).to_be_visible()
    context.set_offline(True)
    write(page, "Hello?")
    reply(server, "Yes, we are.")
    page.route("**/api/chat/stream*", lambda route: route.abort())
    context.set_offline(False)
    expect(arrived(page, "Hello?")).to_be_visible()  # numbered after the answer that the page has not seen
    expect(bubble(page, "Yes, we are.")).to_have_count(0)
    page.unroute_all(behavior="ignoreErrors")
    expect(bubble(page, "Yes, we are.")).to_be_visible(timeout=30_000)


def test_a_message_whose_answer_was_lost_survives_a_reload_and_is_stored_once(http_site, chromium, server):
    page = chromium.page()

    def lose(route) -> None:
        asked = route.request
        headers = {name: asked.headers[name] for name in ("authorization", "content-type")}
        address = asked.url.replace(http_site.origin, http_site.desk.url)
        urlopen(Request(address, asked.post_data_buffer, headers, method="POST"), timeout=10)
        route.abort()

    page.route("**/api/chat/send*", lose)
    page.route("**/api/chat/stream*", lambda route: route.abort())
    visit(page, http_site)
    write(page, "Only once")
    expect(page.locator(".is-pending .meta")).to_contain_text("No connection")
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    expect(arrived(page, "Only once")).to_have_count(1)
    expect(page.locator(".is-pending")).to_have_count(0)
    assert Message.objects.filter(content="Only once").count() == 1


def test_a_reload_keeps_the_conversation(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    write(page, "I shall be back")
    expect(arrived(page, "I shall be back")).to_be_visible()
    reply(server, "We remember you")
    expect(bubble(page, "We remember you")).to_be_visible()
    page.reload()
    expect(bubble(page, "I shall be back")).to_be_visible()
    expect(bubble(page, "We remember you")).to_be_visible()
    assert Visitor.objects.filter(threads__isnull=False).count() == 1


def test_two_visitors_do_not_see_each_other(http_site, chromium, server):
    one, other = visit(chromium.page(), http_site), visit(chromium.page(), http_site)
    write(one, "I am Ann")
    expect(arrived(one, "I am Ann")).to_be_visible()
    write(other, "I am Ben")
    expect(arrived(other, "I am Ben")).to_be_visible()
    reply(server, "Hello Ben")
    expect(bubble(other, "Hello Ben")).to_be_visible()
    one.reload()
    expect(bubble(one, "I am Ann")).to_be_visible()
    expect(one.locator(".bubble")).to_have_count(1)


def test_older_messages_load_when_scrolling_up_and_the_place_is_kept(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    write(page, "Number 0")
    expect(arrived(page, "Number 0")).to_be_visible()
    thread = Thread.objects.get()
    server.call("POST", f"threads/{thread.pk}/accept")
    for number in range(1, 120):
        server.call("POST", "messages/send", thread=str(thread.pk), content=f"Number {number}")
    page.reload()
    expect(bubble(page, "Number 119")).to_be_in_viewport()
    assert page.locator(".bubble").count() == 50
    page.locator(".log").evaluate("element => { element.scrollTop = 150 }")
    expect(page.locator(".bubble")).to_have_count(100)
    assert page.locator(".log").evaluate("element => element.scrollTop") > 500
    page.get_by_label("Back to the newest message").click()
    expect(bubble(page, "Number 119")).to_be_in_viewport()


def test_an_ended_conversation_is_rated_and_goes_on_with_the_next_message(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    write(page, "Thank you, bye")
    expect(arrived(page, "Thank you, bye")).to_be_visible()
    reply(server, "Bye!")
    page.get_by_label("End the conversation").click()
    page.get_by_role("alertdialog").get_by_text("End the conversation").click()
    expect(page.locator(".head-state")).to_contain_text("This conversation has ended")
    page.get_by_label("4 of 5 stars").check(force=True)
    page.locator(".rating-text").fill("Quick and kind")
    page.get_by_text("Send rating").click()
    expect(page.get_by_text("Thank you for your rating.")).to_be_visible()
    thread = Thread.objects.get()
    assert (thread.rating, thread.rating_comment, thread.state) == (4, "Quick and kind", "closed")
    User.objects.update(status="AVAILABLE")  # who is away would not get it back
    write(page, "One more thing")
    expect(page.locator(".head-state")).to_contain_text("In conversation")
    expect(page.locator(".rating")).to_have_count(0)


def test_markup_in_a_message_stays_text(http_site, chromium, server):
    page = visit(chromium.page(), http_site)
    write(page, "<b>bold</b> <img src=x onerror=alert(1)>")
    expect(arrived(page, "<b>bold</b> <img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator(".bubble b, .bubble img").count() == 0


def test_the_page_works_by_keyboard_at_320_pixels_in_chinese(http_site, chromium, server):
    page = chromium.page()
    page.set_viewport_size({"width": 320, "height": 560})
    page.goto(f"{http_site.origin}/chat/?t=1&lang=zh&theme=dark")
    expect(page.locator(".welcome")).to_contain_text("您好")
    assert page.evaluate("document.documentElement.lang") == "zh-hans"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    field = page.get_by_label("输入消息…")
    field.fill("第一行")
    field.press("Shift+Enter")
    page.keyboard.type("第二行")
    page.get_by_label("插入表情").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    field.press("Enter")
    expect(arrived(page, "第一行")).to_be_visible()
    assert Message.objects.get().content == "第一行\n第二行😄"


def test_any_page_may_frame_the_chat_and_nothing_else_becomes_looser(http_site, client, db):
    answer = client.get("/chat/?theme=<x>&lang=zh_CN&mode=evil")
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors *" in policy and "unsafe" not in policy
    assert 'data-theme="auto" data-mode="page"' in answer.content.decode()
    assert "X-Frame-Options" not in answer
    assert "Set-Cookie" not in answer
