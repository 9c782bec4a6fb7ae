"""Conversations in the workstation across power cuts, lost answers and reloads: nothing is lost."""

import time
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from messaging.models import Message
from messaging.services import send_message
from tests import factories
from tests.browser.pages import (
    answer,
    conversation,
    field,
    listen,
    open_shop,
    row,
    sent,
)
from tests.browser.test_chat_page import arrived as at_visitor
from tests.browser.test_chat_page import write as visitor_writes
from tests.browser.test_conversations import desk_page, mia, team

__all__ = ["desk_page", "mia", "team"]
pytestmark = pytest.mark.browser


def test_two_people_talk_across_a_power_cut(http_site, chromium, desk_page):
    complaints = listen(desk_page)
    chat = open_shop(chromium.page(), http_site)
    visitor_writes(chat, "Where is my parcel?")
    expect(desk_page.get_by_role("tab", name="Queue")).to_contain_text("1")
    desk_page.keyboard.press("a")
    expect(desk_page.locator(".talk-name")).to_contain_text("Ann")
    expect(field(desk_page)).to_be_focused()
    answer(desk_page, "Which order is it?")
    expect(at_visitor(chat, "Which order is it?")).to_be_visible()
    visitor_writes(chat, "Number 4711")
    expect(sent(desk_page, "Number 4711")).to_be_visible()
    assert complaints == []

    http_site.desk.kill()
    answer(desk_page, "I am looking, one moment")
    visitor_writes(chat, "Take your time")
    expect(desk_page.locator(".message.is-pending")).to_contain_text("I am looking")
    http_site.desk.start()
    expect(at_visitor(chat, "I am looking, one moment")).to_be_visible(timeout=40_000)
    expect(sent(desk_page, "Take your time")).to_be_visible(timeout=40_000)
    answer(desk_page, "It comes tomorrow")
    expect(at_visitor(chat, "It comes tomorrow")).to_be_visible()

    expect(desk_page.locator(".message.is-pending")).to_have_count(0)
    stored = list(Message.objects.order_by("seq").values_list("content", flat=True))
    assert sorted(stored) == sorted({*stored}) and len(stored) == 6
    assert stored[:3] == ["Where is my parcel?", "Which order is it?", "Number 4711"]
    assert stored[-1] == "It comes tomorrow"
    assert desk_page.locator(".bubble").all_inner_texts() == stored


def test_what_is_sent_offline_waits_and_arrives_once_in_order(http_site, desk_page, mia):
    thread = conversation(mia)
    row(desk_page, "Ann").click()
    expect(sent(desk_page, "Message 0")).to_be_visible()
    desk_page.context.set_offline(True)
    answer(desk_page, "First")
    answer(desk_page, "Second")
    expect(desk_page.locator(".banner")).to_contain_text("2 messages are kept")
    desk_page.context.set_offline(False)
    expect(sent(desk_page, "Second")).to_be_visible()
    expect(desk_page.locator(".banner")).to_have_count(0)
    stored = Message.objects.filter(thread=thread).order_by("seq").values_list("content", flat=True)
    assert list(stored) == ["Message 0", "First", "Second"]


def test_an_answer_whose_response_was_lost_is_there_once(http_site, desk_page, mia):
    conversation(mia)
    row(desk_page, "Ann").click()
    expect(sent(desk_page, "Message 0")).to_be_visible()

    def lose(route) -> None:
        names = ("content-type", "x-csrftoken", "cookie", "x-desk-session")
        headers = {name: value for name, value in route.request.all_headers().items() if name in names}
        headers |= {"Origin": http_site.origin, "Host": http_site.origin.split("//")[1]}
        address = route.request.url.replace(http_site.origin, http_site.desk.url)
        urlopen(Request(address, route.request.post_data_buffer, headers, method="POST"), timeout=10)
        route.abort()

    desk_page.route("**/api/messages/send", lose)
    answer(desk_page, "Only once")
    expect(sent(desk_page, "Only once")).to_have_count(1)
    expect(desk_page.locator(".is-pending")).to_have_count(0)
    assert Message.objects.filter(content="Only once").count() == 1


def test_an_answer_that_was_not_sent_goes_out_after_a_reload(http_site, desk_page, mia):
    conversation(mia)
    row(desk_page, "Ann").click()
    desk_page.route("**/api/messages/send", lambda route: route.abort())
    answer(desk_page, "Not forgotten")
    expect(desk_page.locator(".is-pending .meta")).to_contain_text("Waiting for the connection")
    desk_page.unroute_all(behavior="ignoreErrors")
    desk_page.reload()
    expect(sent(desk_page, "Not forgotten")).to_have_count(1)
    expect(desk_page.locator(".is-pending")).to_have_count(0)
    assert Message.objects.filter(content="Not forgotten").count() == 1


def test_what_is_said_while_a_conversation_is_loaded_is_not_missed(http_site, desk_page, mia):
    thread = conversation(mia)

    def late(route) -> None:
        headers = route.request.all_headers() | {"host": http_site.origin.split("//")[1]}
        address = route.request.url.replace(http_site.origin, http_site.desk.url)
        response = route.fetch(url=address, headers=headers)
        send_message(thread=thread, visitor=thread.visitor, content="Meanwhile")
        time.sleep(0.7)  # its event is there before the page that lacks it
        route.fulfill(response=response)

    desk_page.route("**/api/messages/list*ordering*", late, times=1)
    row(desk_page, "Ann").click()
    expect(sent(desk_page, "Meanwhile")).to_be_visible()
    expect(desk_page.locator(".bubble")).to_have_count(2)


def test_a_message_that_cannot_be_drawn_takes_no_other_away(desk_page, mia):
    thread = conversation(mia)
    nowhere = {"title": "Order 4711", "imageUrl": "http://1.2.3.256/x.png", "url": "http://1.2.3.256/"}
    send_message(thread=thread, user=mia, type="card", card=nowhere)  # no browser opens such an address
    odd = send_message(thread=thread, user=mia, type="card", card={"title": "Odd"})
    Message.objects.filter(pk=odd["id"]).update(card={"title": "Odd", "buttons": [None]})
    row(desk_page, "Ann").click()
    expect(sent(desk_page, "Message 0")).to_be_visible()
    expect(sent(desk_page, "Order 4711")).to_be_visible()
    expect(sent(desk_page, "Order 4711").get_by_role("link")).to_have_count(0)
    expect(desk_page.get_by_text("This message cannot be shown.")).to_have_count(1)
    answer(desk_page, "Here you are")
    expect(sent(desk_page, "Here you are")).to_be_visible()


def test_nobody_finds_the_drafts_of_who_used_the_tab_before(http_site, desk_page, mia, team):
    thread = conversation(mia, team=team)
    row(desk_page, "Ann").click()
    field(desk_page).fill("Only mine")
    desk_page.wait_for_timeout(500)
    sofia = factories.supervisor(nickname="Sofia")
    desk_page.goto(http_site.login(factories.token(sofia)))
    desk_page.get_by_role("button").click()  # yes, somebody else now
    expect(desk_page.get_by_text("Live", exact=True)).to_be_visible()
    desk_page.evaluate(f"location.hash = 'threads/all/{thread.pk}'")
    desk_page.reload()
    expect(sent(desk_page, "Message 0")).to_be_visible()
    expect(field(desk_page)).to_have_value("")


def test_drafts_are_kept_for_each_conversation_and_over_a_reload(http_site, desk_page, mia):
    conversation(mia, nickname="Ann")
    conversation(mia, nickname="Ben")
    row(desk_page, "Ann").click()
    field(desk_page).fill("For Ann")
    row(desk_page, "Ben").click()
    expect(field(desk_page)).to_have_value("")
    field(desk_page).fill("For Ben")
    expect(row(desk_page, "Ann")).to_contain_text("Draft")
    desk_page.wait_for_timeout(500)
    desk_page.reload()
    expect(field(desk_page)).to_have_value("For Ben")
    row(desk_page, "Ann").click()
    expect(field(desk_page)).to_have_value("For Ann")
