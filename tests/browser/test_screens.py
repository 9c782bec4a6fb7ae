"""Twelve states of the workstation, in both themes and three widths, as pictures for people to look at.

They are kept in test-results/screens, or in the folder that INLAY_SCREENS names. What a machine can see of
them is asserted: nothing is wider than the screen, and the console is silent.
"""

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from messaging.models import Visitor
from messaging.services import (
    change_thread,
    close_thread,
    create_reply,
    create_thread,
    get_or_create_visitor,
    send_message,
)
from tests import factories
from tests.browser.pages import listen
from tickets.models import Ticket

pytestmark = pytest.mark.browser

FOLDER = Path(os.environ.get("INLAY_SCREENS") or Path(__file__).parents[2] / "test-results" / "screens")
WIDTHS = (1440, 820, 360)


@pytest.fixture
def world(transactional_db) -> dict:
    """A desk in the middle of a day."""
    sales, support = factories.team("Sales"), factories.team("Support")
    sales.routing = "manual"
    sales.save()
    mia = factories.supervisor(nickname="Mia Castellanos", teams=[sales, support], status="AVAILABLE")
    sofia = factories.agent(nickname="Sofia Lund", username="sofia", teams=[sales], status="BUSY")
    talks = {}
    for name, text in (
        ("Liam O’Connor", "You sent me the wrong size."),
        ("王小明", "你好，我想知道我的订单什么时候能到？"),
        ("ليلى", "مرحبا، أريد استرداد المبلغ من فضلكم"),
        (
            "Zoë Müller-Lüdenscheidt von und zu Hohenstein",
            "Could you check whether https://shop.example/a/b/c works?",
        ),
    ):
        visitor = get_or_create_visitor(nickname=name, email=f"{len(talks)}@example.com")
        Visitor.objects.filter(pk=visitor.pk).update(
            device={"browser": "Firefox", "os": "Linux"}, custom_fields={"plan": "gold"}, phone="+49 30 1234"
        )
        talks[name] = create_thread(
            type="WORKGROUP", visitor=visitor, agent=mia, team=support, topic="Delivery"
        )
        send_message(thread=talks[name], visitor=visitor, content=text)
    liam = talks["Liam O’Connor"]
    send_message(thread=liam, user=mia, content="Sorry! I have just mailed you a free return label.")
    send_message(thread=liam, user=mia, content="He is a customer since 2019.", visibility="internal")
    send_message(
        thread=liam, visitor=liam.visitor, content="Great. When will the right one be sent?\n\nThank you!"
    )
    change_thread(thread_id=liam.pk, changes={"tags": ["vip", "refund"], "summary": "Wrong size."}, actor=mia)
    queued = create_thread(type="WORKGROUP", visitor=get_or_create_visitor(nickname="Noor"), team=sales)
    send_message(thread=queued, visitor=queued.visitor, content="Is anybody there?")
    over = create_thread(
        type="WORKGROUP", visitor=get_or_create_visitor(nickname="Old"), agent=mia, team=support
    )
    send_message(thread=over, visitor=over.visitor, content="Thanks, bye")
    close_thread(thread_id=over.pk, actor=mia)
    create_reply(shortcut="refund", title="Refund", content="It is on its way.", scope="personal", actor=mia)
    ticket = Ticket.objects.create(
        title="Parcel of order 4711 is late", content="It was announced for Monday.", requester=liam.visitor,
        assignee=mia, team=support, priority=3, tags=["delivery"], due_at=timezone.now(),
        thread=create_thread(type="TICKET", visitor=liam.visitor, agent=mia, team=support, topic="Parcel"),
    )  # fmt: skip
    return {"mia": mia, "sofia": sofia, "liam": liam, "over": over, "ticket": ticket}


def states(page: Page, world: dict):
    """Bring the page into each state, and yield its name."""

    def go(hash: str) -> None:
        page.evaluate("hash => { location.hash = hash; }", hash)
        page.reload()
        expect(page.get_by_text("Live", exact=True).first).to_be_attached()

    keys = page.keyboard
    go("threads/mine")
    yield "list"
    go(f"threads/mine/{world['liam'].pk}")
    expect(page.locator(".bubble").first).to_be_visible()
    yield "conversation"
    keys.press("Alt+r")  # notes may be what was written here last
    page.locator(".write").press_sequentially("/ref")
    expect(page.get_by_role("listbox", name="Canned replies")).to_be_visible()
    yield "canned replies"
    page.locator(".write").fill("")
    keys.press("Alt+n")
    page.locator(".write").press_sequentially("@so")
    expect(page.get_by_role("listbox")).not_to_have_count(0)
    yield "note and mention"
    page.locator(".write").fill("")
    keys.press("Alt+t")
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "transfer"
    keys.press("Escape")
    keys.press("Alt+c")
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "create ticket"
    keys.press("Escape")
    keys.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "palette"
    keys.press("Escape")
    go(f"threads/all/{world['over'].pk}")
    expect(page.locator(".bubble").first).to_be_visible()
    yield "closed"
    go("tickets/mine")
    yield "tickets"
    go(f"ticket/{world['ticket'].pk}")
    expect(page.get_by_text("Parcel of order 4711 is late").filter(visible=True)).not_to_have_count(0)
    yield "ticket"
    go("overview")
    expect(page.get_by_text("Sales").filter(visible=True)).not_to_have_count(0)
    yield "overview"
    page.context.set_offline(True)
    expect(page.locator(".banner")).to_be_visible()
    yield "offline"
    page.context.set_offline(False)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_twelve_states_fit_the_screen_and_are_kept_as_pictures(http_site, chromium, world, theme):
    FOLDER.mkdir(parents=True, exist_ok=True)
    page = chromium.page()
    wrong: list[str] = []
    login = http_site.login(factories.token(world["mia"])) + f"&theme={theme}"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 780})
        page.goto(login)
        expect(page.get_by_text("Live", exact=True).first).to_be_attached()
        complaints, taken = listen(page), 0
        for name in states(page, world):
            page.wait_for_timeout(250)
            page.screenshot(path=FOLDER / f"{name} {theme} {width}.png")
            taken += 1
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"{name} is wider than {width}")
            if name != "offline":
                wrong += [f"{name}: {each}" for each in complaints]
            complaints.clear()
        assert taken == 12
    assert not wrong, wrong
