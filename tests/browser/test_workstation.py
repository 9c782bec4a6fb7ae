"""The workstation in a real browser: live, by keyboard, and framed by a page that knows only the protocol."""

import gzip
import json
import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests import factories
from tests.browser.pages import PARENT, Server, embed, heard, listen, radio, tickets
from tests.conftest import Api
from tokens.models import AccessToken

pytestmark = pytest.mark.browser


@pytest.fixture
def person(transactional_db):
    return factories.agent(nickname="Mia Castellanos", status="AVAILABLE")


@pytest.mark.parametrize("cookies", ["allowed", "third-party-blocked"])
def test_a_parent_that_knows_only_the_protocol_sets_the_status(site, chromium, person, cookies):
    page = chromium.page(cookies)
    complaints = listen(page)
    frame = embed(page, site, factories.token(person, entries=[f"{site.desk.scheme}://partner.example:*"]))
    expect(radio(frame, "Available")).to_be_checked()

    page.evaluate('command({type: "update_agent_status", data: {status: "BUSY"}})')
    event = heard(page, "agent_status_changed", 'data.status === "BUSY"')
    assert event["data"]["agentInfo"]["nickname"] == "Mia Castellanos"
    assert event["data"]["agentInfo"]["uid"] == str(person.pk)
    assert set(event) == {"type", "data", "timestamp", "source", "origin"}
    assert event["origin"] == site.origin and isinstance(event["timestamp"], int)
    expect(radio(frame, "Busy")).to_be_checked()

    page.evaluate('command({type: "update_agent_status_offline", id: "7"})')
    assert heard(page, "ack")["data"] == {"id": "7", "ok": True}
    heard(page, "agent_status_changed", 'data.status === "OFFLINE"')
    assert User.objects.get(pk=person.pk).status == "OFFLINE"
    assert page.evaluate('heard.filter(({type}) => type === "ack").length') == 1
    assert complaints == []


def test_a_status_changed_elsewhere_shows_at_once_and_the_parent_hears_of_it(http_site, chromium, person):
    page = chromium.page()
    frame = embed(page, http_site, factories.token(person))
    Server(http_site, person).call("PUT", "user/profile", status="BUSY")
    expect(radio(frame, "Busy")).to_be_checked()
    heard(page, "agent_status_changed", 'data.status === "BUSY"')


def test_malformed_and_unknown_commands_are_ignored_and_named_once(http_site, chromium, person):
    page = chromium.page()
    complaints, said = listen(page), []
    page.on("console", lambda message: said.append(message.text) if message.type == "debug" else None)
    frame = embed(page, http_site, factories.token(person))
    strange = [
        '"text"',
        "null",
        "[]",
        "{type: 3}",
        '{type: "fly"}',
        '{type: "fly"}',
        '{type: "toString"}',
        '{type: "update_agent_status"}',
        '{type: "update_agent_status", data: "BUSY"}',
        '{type: "update_agent_status", data: {status: "busy"}}',
        '{type: "clear_unread_count", data: {threadUid: "../x"}}',
    ]
    for message in strange:
        page.evaluate(f"command({message})")
    page.evaluate('command({type: "update_agent_status", data: {status: "SLEEPY"}, id: 1})')
    ack = heard(page, "ack")["data"]
    assert ack["ok"] is False and ack["id"] == 1 and ack["error"]
    expect(radio(frame, "Available")).to_be_checked()
    assert len([text for text in said if "fly" in text]) == 1
    assert complaints == []


def test_strangers_are_neither_obeyed_nor_told(http_site, chromium, person):
    page = chromium.page()
    stranger = """<script>
      window.heard = [];
      addEventListener("message", ({data}) => heard.push(data));
      setInterval(() => parent.frames[0].postMessage(
        {type: "update_agent_status_offline", id: "stranger"}, "*"), 50);
    </script>"""
    address = http_site.partner.page(stranger, host="evil.example")
    token = factories.token(person, entries=["http://partner.example:*"])
    html = PARENT.format(src=http_site.login(token)) + f'<iframe src="{address}"></iframe>'
    page.goto(http_site.partner.page(html))
    heard(page, "ready")
    frame, evil = page.frames[1], page.frames[2]
    # A message the workstation's own window sends itself is no parent's either.
    frame.evaluate('postMessage({type: "update_agent_status_offline", id: "self"}, "*")')
    page.evaluate('command({type: "update_agent_status_busy", id: "parent"})')
    assert heard(page, "ack")["data"]["id"] == "parent"
    expect(radio(frame, "Busy")).to_be_checked()
    assert evil.evaluate("heard") == []
    assert page.evaluate('heard.filter(({type}) => type === "ack").length') == 1


def test_a_session_without_a_domain_list_answers_only_to_who_framed_it_at_login(http_site, chromium, person):
    page = chromium.page()
    frame = embed(page, http_site, factories.token(person))
    asked = """async ([embedder, parentOrigins, allowed]) => {
      const {parentOrigin} = await import("/static/agent/parent.js");
      return parentOrigin({embedder, parentOrigins, allowsParent: () => allowed});
    }"""
    partner = http_site.partner.origin()
    assert frame.evaluate(asked, [partner, ["*"], True]) == partner
    assert frame.evaluate(asked, ["", ["*"], True]) == partner
    assert frame.evaluate(asked, ["https://other.example", ["*"], True]) == ""
    assert frame.evaluate(asked, [partner, ["https://other.example"], False]) == ""


def test_a_ticket_created_through_the_api_appears_without_a_reload(http_site, chromium, person):
    page = chromium.page()
    complaints = listen(page)
    page.goto(http_site.login(factories.token(person)))
    tickets(page)
    expect(page.get_by_text("No tickets yet")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.evaluate("window.same = true")
    server = Server(http_site, person)
    made = server.call("POST", "tickets/create", title="The <b>printer</b> is on fire", priority="urgent")
    row = page.get_by_role("option").filter(has_text="The <b>printer</b> is on fire")
    expect(row).to_contain_text(f"#{made['number']}")
    expect(page.get_by_role("status").filter(has_text="New ticket: The <b>printer")).to_have_count(1)
    server.call("PUT", f"tickets/{made['id']}", status="pending")
    expect(row).to_contain_text("Pending")
    server.call("PUT", f"tickets/{made['id']}", status="resolved")
    expect(row).to_have_count(0)  # it is done
    page.get_by_role("tab", name="All", exact=True).click()
    expect(row).to_contain_text("Resolved")
    assert page.evaluate("window.same") is True
    assert complaints == []


def test_the_status_is_set_by_keyboard_alone(http_site, chromium, person):
    page = chromium.page()
    page.goto(http_site.login(factories.token(person)))
    expect(radio(page, "Available")).to_be_enabled()
    for _ in range(15):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "status":
            break
    expect(radio(page, "Available")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(radio(page, "Busy")).to_be_checked()
    expect(page.get_by_role("status").filter(has_text="Your status: Busy")).to_have_count(1)
    assert User.objects.get(pk=person.pk).status == "BUSY"


def test_a_refused_status_is_taken_back_and_said(http_site, chromium, person):
    page = chromium.page()
    page.goto(http_site.login(factories.token(person)))
    expect(radio(page, "Available")).to_be_checked()
    problem = {"code": "unavailable", "status": 503}
    page.route("**/api/user/profile", lambda route: route.fulfill(status=503, json=problem))
    radio(page, "Offline").click()
    expect(page.get_by_role("alert").filter(has_text="could not be changed")).to_be_visible()
    expect(radio(page, "Available")).to_be_checked()


def test_disabling_the_token_ends_the_page_and_tells_the_parent(http_site, chromium, person):
    page = chromium.page()
    frame = embed(page, http_site, factories.token(person))
    expect(frame.get_by_text("Live", exact=True)).to_be_visible()
    AccessToken.objects.filter(user=person).update(state="disabled")
    assert heard(page, "session_ended")["data"] == {"code": "token_disabled"}
    expect(frame.get_by_role("heading", name="Your access was switched off")).to_be_visible()


def test_the_parent_is_told_before_the_session_ends(http_site, chromium, person):
    page = chromium.page()
    embed(page, http_site, factories.token(person, expires_in=200))
    assert heard(page, "session_expiring")["data"]["expiresAt"]


def test_tabs_share_one_stream_and_the_next_takes_over(https_site, chromium, person):
    context = chromium.context()
    streams: list[Page] = []
    context.on(
        "request", lambda asked: streams.append(asked.frame.page) if "events/stream" in asked.url else None
    )
    first, second = context.new_page(), context.new_page()
    first.goto(https_site.login(factories.token(person)))
    expect(first.get_by_text("Live", exact=True)).to_be_visible()
    second.goto(first.url)
    expect(second.get_by_text("Live", exact=True)).to_be_visible()
    tickets(second)
    server = Server(https_site, person)
    server.call("POST", "tickets/create", title="For both tabs")
    expect(second.get_by_text("For both tabs", exact=True)).to_be_visible()
    assert streams == [first]
    first.close()
    server.call("POST", "tickets/create", title="After the first tab is gone")
    expect(second.get_by_text("After the first tab is gone", exact=True)).to_be_visible()
    assert streams[-1] == second


def test_a_stream_that_something_holds_back_becomes_long_polling(http_site, chromium, person):
    page = chromium.page()
    page.route("**/api/events/stream", lambda route: None)  # never answered, as by a proxy that buffers
    page.goto(http_site.login(factories.token(person)))
    tickets(page)
    expect(page.locator(".connection.is-polling")).to_be_visible(timeout=20_000)
    Server(http_site, person).call("POST", "tickets/create", title="By polling")
    expect(page.get_by_text("By polling", exact=True)).to_be_visible()


def test_a_dropped_stream_comes_back_and_misses_nothing(http_site, chromium, person):
    page = chromium.page()
    page.goto(http_site.login(factories.token(person)))
    tickets(page)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    server = Server(http_site, person)
    page.context.set_offline(True)
    page.context.set_offline(False)
    server.call("POST", "tickets/create", title="While the line was down")
    expect(page.get_by_text("While the line was down", exact=True)).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_restart_of_the_desk_ends_no_session(http_site, chromium, person):
    page = chromium.page()
    page.goto(http_site.login(factories.token(person)))
    tickets(page)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    http_site.desk.stop()
    expect(page.get_by_text("Connecting…", exact=True)).to_be_visible(timeout=15_000)
    http_site.desk.start()
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=40_000)
    Server(http_site, person).call("POST", "tickets/create", title="After the restart")
    expect(page.get_by_text("After the restart", exact=True)).to_be_visible()


def test_a_list_that_fails_says_so_and_is_tried_again(http_site, chromium, person):
    page = chromium.page()
    page.route("**/api/tickets/list*", lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    page.goto(http_site.login(factories.token(person)))
    tickets(page)
    expect(page.get_by_text("This could not be loaded")).to_be_visible()
    page.unroute("**/api/tickets/list*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No tickets yet")).to_be_visible()


def test_a_token_without_a_right_sees_why_a_list_is_missing(http_site, chromium, person):
    page = chromium.page()
    scopes = ["login:agent", "messages:read", "events:read", "users:read"]
    page.goto(http_site.login(factories.token(person, scope_names=scopes)))
    tickets(page)
    expect(page.get_by_text("Not for this access token")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_fits_every_width_in_both_themes(http_site, chromium, person, tmp_path, theme):
    page = chromium.page()
    complaints = listen(page)
    api = Api(factories.token(person))
    for title in (
        "Invoice shows the wrong VAT number",
        "لا أستطيع تغيير كلمة المرور",
        "订单一直显示处理中",
        "x" * 300,
    ):
        api.post("tickets/create", json.dumps({"title": title}))
    page.emulate_media(color_scheme=theme)
    page.goto(http_site.login(factories.token(person)))
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    tickets(page)
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        expect(page.get_by_text("Invoice shows the wrong VAT number")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=tmp_path / f"workstation-{theme}-{width}.png")
    assert complaints == []


def test_unread_messages_show_and_the_parent_hears_of_them_and_marks_them_read(http_site, chromium, person):
    page = chromium.page()
    frame = embed(page, http_site, factories.token(person))
    heard(page, "unread_message_count", "data.totalUnreadCount === 0")
    colleague = factories.agent(nickname="Zoë")
    server = Server(http_site, colleague)
    thread = server.call("POST", "threads/create", type="MEMBER", agent=str(person.pk))
    server.call("POST", "messages/send", thread=thread["id"], content="Lunch?", clientId="1")
    event = heard(page, "unread_message_count", "data.totalUnreadCount === 1")
    assert event["data"]["unreadThreads"][0]["uid"] == thread["id"]
    told = event["data"]["unreadThreads"][0]
    assert told["user"]["nickname"] == "Zoë" and set(told["user"]) == {"uid", "nickname", "avatar"}
    fields = [
        "uid",
        "id",
        "topic",
        "type",
        "state",
        "user",
        "agent",
        "content",
        "unreadCount",
        "createdAt",
        "updatedAt",
    ]
    assert set(told) <= set(fields)  # no tags, summary, notes or ratings: the page is not the desk
    expect(frame.get_by_role("option").filter(has_text="Lunch?")).to_contain_text("1 unread")
    command = {"type": "clear_unread_count", "data": {"threadUid": thread["id"]}, "id": "read"}
    page.evaluate(f"heard.length = 0; command({json.dumps(command)})")
    assert heard(page, "ack")["data"] == {"id": "read", "ok": True}
    heard(page, "unread_message_count", "data.totalUnreadCount === 0")


def test_the_page_speaks_chinese(http_site, chromium, person):
    page = chromium.page()
    page.goto(http_site.login(factories.token(person)) + "&lang=zh-CN&theme=dark")
    page.get_by_role("button", name="工单", exact=True).click()
    expect(radio(page, "在线")).to_be_checked()
    expect(page.get_by_text("还没有工单")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_the_first_load_is_light_and_asks_nobody_else(http_site, chromium, person):
    page = chromium.page()
    bodies: dict[str, bytes] = {}

    def keep(response) -> None:
        if "/static/" in response.url or re.search(r"/agent/(i18n\.js|\?h=)", response.url):
            bodies[response.url] = response.body()

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfinished", lambda request: keep(request.response()))
    page.goto(http_site.login(factories.token(person)))
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    weight = sum(len(gzip.compress(body)) for body in bodies.values())
    print(f"first load: {weight / 1024:.1f} KB gzipped, {sum(map(len, bodies.values())) / 1024:.1f} KB plain")
    assert len(bodies) > 15 and weight <= 120 * 1024
    assert all(url.startswith(http_site.origin + "/") for url in asked)
