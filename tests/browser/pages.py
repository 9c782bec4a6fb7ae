"""What the tests of the workstation do with its pages: open, embed, write, and listen to them."""

import json
import ssl
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from playwright.sync_api import Frame, Page, expect

from accounts.models import User
from messaging.models import Thread
from messaging.services import create_thread, get_or_create_visitor, send_message
from tests import factories

# Written from the page on the iframe protocol alone.
PARENT = """
<iframe id="desk" src="{src}" width="900" height="600"></iframe>
<script>
  window.heard = [];
  addEventListener("message", ({{data, origin}}) => {{
    if (data && data.source === "bytedesk-desktop") heard.push({{...data, origin}});
  }});
  window.command = (message) => document.getElementById("desk").contentWindow.postMessage(message, "*");
</script>"""


# What Chromium mentions on a sound page too: a header that counts on https alone, the session that is asked
# for before it is claimed (where cookies are blocked), the icon that the foreign site lacks.
FORESEEN = ("Cross-Origin-Opener-Policy", "/auth/handoff/session", "/favicon.ico")


class Server:
    """Calls the API of a running desk as a token, from outside the browser."""

    def __init__(self, site, owner: User) -> None:
        self.url = site.desk.url
        self.token = factories.token(owner, allow_no_origin=True)
        self.trusting = ssl._create_unverified_context()

    def call(self, method: str, path: str, **data: object) -> dict:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        asked = Request(f"{self.url}/api/{path}", json.dumps(data).encode(), headers, method=method)
        with urlopen(asked, timeout=10, context=self.trusting) as answer:
            return json.load(answer)


def listen(page: Page) -> list[str]:
    """Collect what the console complains about: CSP violations, errors, what nobody caught."""
    complaints: list[str] = []

    def said(message) -> None:
        if message.type in ("error", "warning") and not any(
            word in message.text + message.location["url"] for word in FORESEEN
        ):
            complaints.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def embed(page: Page, site, token: str) -> Frame:
    page.goto(site.partner.page(PARENT.format(src=site.login(token))))
    heard(page, "ready")
    return page.frames[1]


def heard(page: Page, type: str, condition: str = "true") -> dict:
    """Wait until the parent has heard an event; `condition` is JavaScript about its `data`."""
    find = f"heard.find(({{type, data}}) => type === {json.dumps(type)} && ({condition}))"
    return page.wait_for_function(find).json_value()


def tickets(place: Page | Frame) -> None:
    place.locator(".rail").get_by_role("button", name="Tickets", exact=True).click()


def radio(place: Page | Frame, name: str):
    return place.get_by_role("radio", name=name, exact=True)


SHOP = """
<h1>A shop</h1>
<iframe id="chat" src="{src}" width="400" height="600"></iframe>"""


def open_desk(page: Page, site, agent, path: str = "", **token) -> Page:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(site.login(factories.token(agent, **token)) + path)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    return page


def open_shop(page: Page, site, **parameters: str) -> Frame:
    """Return the chat in a frame of a foreign site."""
    address = f"{site.origin}/chat/?{urlencode({'t': '1', 'lang': 'en', 'nickname': 'Ann'} | parameters)}"
    page.goto(site.partner.page(SHOP.format(src=address)))
    chat = page.frames[1]
    expect(chat.locator(".welcome")).to_be_visible()
    return chat


def field(page: Page):
    return page.locator(".write")


def answer(page: Page, text: str) -> None:
    field(page).fill(text)
    field(page).press("Enter")


def sent(page: Page, text: str):
    """Return a message that the desk has: it is on its way no more."""
    return page.locator(".message:not(.is-pending) .bubble", has_text=text)


def row(page: Page, text: str):
    return page.get_by_role("option").filter(has_text=text)


def conversation(mia, messages: int = 1, nickname: str = "Ann", **fields) -> Thread:
    """Return an open conversation of an agent, in which the visitor has written."""
    visitor = get_or_create_visitor(nickname=nickname)
    thread = create_thread(type="AGENT", visitor=visitor, agent=mia, **fields)
    for number in range(messages):
        send_message(thread=thread, visitor=visitor, content=f"Message {number}")
    return thread
