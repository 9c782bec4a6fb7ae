"""A robot's chat in a real browser: its welcome, its answers and offers, and how people take over."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from messaging.models import Robot, Thread
from messaging.services import robots
from tests import factories
from tests.browser.pages import Server, listen
from tests.browser.test_chat_page import arrived, bubble, visit, write
from tests.messaging.robots import admin, know_faq

pytestmark = pytest.mark.browser


@pytest.fixture
def team(transactional_db):
    return factories.team("Sales")


@pytest.fixture
def robo(team) -> Robot:
    know_faq()
    return robots.create_robot(
        actor=admin(),
        name="robo",
        nickname="Robo",
        team=team,
        welcome_text="I am Robo, and I know most things.",
        suggestions=["How do I return goods?"],
    )


@pytest.fixture
def server(http_site, team) -> Server:
    return Server(http_site, factories.agent(nickname="Mia", teams=[team]))


def open_chat(page: Page, site, **parameters: str) -> Page:
    return visit(page, site, **({"t": "2", "sid": "robo"} | parameters))


def test_a_conversation_from_the_robots_welcome_to_a_person_and_back(http_site, chromium, robo, server):
    page = chromium.page()
    complaints = listen(page)
    open_chat(page, http_site)
    expect(page.locator(".head-name")).to_have_text("Robo")
    expect(page.locator(".welcome-text")).to_have_text("I am Robo, and I know most things.")
    page.get_by_role("button", name="How do I return goods?").click()
    expect(bubble(page, "Within 30 days")).to_be_visible()
    expect(page.locator(".author").last).to_have_text("Robo")
    expect(page.locator(".chip")).to_have_count(0)

    write(page, "return my parcel to another address")
    page.get_by_role("button", name="How long does delivery take?").click()
    expect(bubble(page, "Two to three working days.")).to_be_visible()
    expect(page.locator(".is-own .mark").last).to_contain_text("Read")

    page.get_by_role("button", name="Talk to a person").click()
    expect(bubble(page, "I am passing you on to a colleague.")).to_be_visible()
    expect(page.locator(".head-state")).to_contain_text("Waiting · position 1")
    expect(page.get_by_role("button", name="Talk to a person")).to_have_count(0)
    thread = Thread.objects.get()
    server.call("POST", f"threads/{thread.pk}/accept")
    server.call("POST", "messages/send", thread=str(thread.pk), content="This is Mia")
    expect(bubble(page, "This is Mia")).to_be_visible()
    expect(page.locator(".head-name")).to_have_text("Mia")
    write(page, "How do I return goods?")
    expect(arrived(page, "How do I return goods?")).to_have_count(2)
    page.reload()
    expect(bubble(page, "This is Mia")).to_be_visible()
    expect(bubble(page, "Within 30 days")).to_have_count(1)
    expect(page.locator(".head-name")).to_have_text("Mia")

    server.call("POST", f"threads/{thread.pk}/close")
    expect(page.get_by_role("button", name="Talk to a person")).to_be_visible()
    write(page, "When are you open?")
    expect(bubble(page, "Nine to five")).to_be_visible()
    expect(page.locator(".head-name")).to_have_text("Robo")
    assert complaints == []


def test_after_misses_a_tap_brings_a_person_in_chinese_by_keyboard_at_320_pixels(
    http_site, chromium, robo, server
):
    page = chromium.page()
    page.set_viewport_size({"width": 320, "height": 560})
    page.goto(f"{http_site.origin}/chat/?t=2&sid=robo&lang=zh&theme=dark")
    field = page.get_by_label("输入消息…")
    field.fill("怎么退货")
    field.press("Enter")
    expect(bubble(page, "请在30天内寄回商品。")).to_be_visible()
    for text in ("天气怎样", "讲个笑话"):
        field.fill(text)
        field.press("Enter")
        expect(page.locator(".bubble", has_text="抱歉，我还不了解")).to_have_count(
            1 if text == "天气怎样" else 2
        )
    expect(bubble(page, "需要为您转接人工客服吗？")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".chip", has_text="转人工").focus()
    page.keyboard.press("Enter")
    expect(bubble(page, "正在为您转接人工客服")).to_be_visible()
    expect(field).to_be_focused()
    expect(page.locator(".head-state")).to_contain_text("排队中")


def test_who_writes_is_shown_until_the_message_is_there(http_site, chromium, robo, server):
    page = open_chat(chromium.page(), http_site)
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator(".head-state")).to_contain_text("Waiting")
    thread = Thread.objects.get()
    server.call("POST", f"threads/{thread.pk}/accept")
    server.call("POST", f"threads/{thread.pk}/typing")
    expect(page.locator(".typing")).to_have_text(re.compile("Mia is writing…"))
    server.call("POST", "messages/send", thread=str(thread.pk), content="Here I am")
    expect(bubble(page, "Here I am")).to_be_visible()
    expect(page.locator(".typing")).to_have_text("")


def test_an_answer_is_there_at_once(http_site, chromium, robo):
    page = open_chat(chromium.page(), http_site)
    write(page, "Hello")
    expect(page.locator(".message.is-theirs")).to_have_count(1)
    times = []
    for number, question in enumerate(
        ("怎么退货", "When are you open?", "How long does delivery take?"), start=2
    ):
        started = time.monotonic()
        write(page, question)
        page.locator(".message.is-theirs").nth(number - 1).wait_for()
        times.append(time.monotonic() - started)
    assert min(times) < 1, times
