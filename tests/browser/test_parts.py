"""Parts of the workstation alone in a foreign page; canned replies, and what the desk keeps of its user."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from messaging.models import CannedReply
from messaging.services import create_thread, get_or_create_visitor, send_message
from tests import factories
from tests.browser.pages import Server, embed, heard, listen, open_desk

pytestmark = pytest.mark.browser
FRAME = '<iframe id="desk" src="{src}" width="700" height="500"></iframe>'


@pytest.fixture
def team(transactional_db):
    return factories.team("Sales")


@pytest.fixture
def mia(team):
    return factories.agent(nickname="Mia Castellanos", teams=[team], status="AVAILABLE")


@pytest.fixture
def thread(mia, team):
    talk = create_thread(
        type="WORKGROUP", visitor=get_or_create_visitor(nickname="Ann"), agent=mia, team=team
    )
    send_message(thread=talk, visitor=talk.visitor, content="Where is my parcel?")
    return talk


class TestParts:
    def frame(self, page: Page, site, agent, view: str, **more: str):
        query = "".join(f"&{name}={value}" for name, value in more.items())
        page.goto(
            site.partner.page(FRAME.format(src=f"{site.login(factories.token(agent))}&view={view}{query}"))
        )
        return page.frame_locator("#desk")

    def test_a_badge_counts_what_is_unread(self, http_site, chromium, mia, thread):
        page = chromium.page()
        complaints = listen(page)
        badge = self.frame(page, http_site, mia, "badge")
        expect(badge.locator(".badge-part")).to_contain_text("1")
        send_message(thread=thread, visitor=thread.visitor, content="Hello?")
        expect(badge.locator(".badge-part")).to_contain_text("2")
        expect(badge.get_by_role("navigation")).to_have_count(0)
        assert complaints == []

    def test_the_inbox_without_the_bar_opens_conversations_in_its_place(
        self, http_site, chromium, mia, thread
    ):
        page = chromium.page()
        inbox = self.frame(page, http_site, mia, "inbox", chrome="0")
        expect(inbox.get_by_role("navigation")).to_have_count(0)
        expect(inbox.get_by_role("radio", name="Available")).to_be_hidden()
        inbox.get_by_role("option").filter(has_text="Ann").click()
        expect(inbox.get_by_role("main").get_by_text("Where is my parcel?")).to_be_visible()
        inbox.get_by_role("button", name="Back to the list").click()
        expect(inbox.get_by_role("option").filter(has_text="Ann")).to_be_visible()

    def test_one_conversation_alone_is_answered(self, http_site, chromium, mia, thread):
        page = chromium.page()
        talk = self.frame(page, http_site, mia, f"thread:{thread.pk}")
        expect(talk.get_by_role("main").get_by_text("Where is my parcel?")).to_be_visible()
        expect(talk.get_by_role("listbox")).to_have_count(0)
        talk.locator(".write").fill("On its way.")
        talk.locator(".write").press("Enter")
        expect(talk.get_by_role("main").get_by_text("On its way.")).to_be_visible()

    def test_one_ticket_alone(self, http_site, chromium, mia):
        made = Server(http_site, mia).call("POST", "tickets/create", title="Lost parcel")
        ticket = self.frame(chromium.page(), http_site, mia, f"ticket:{made['id']}")
        expect(ticket.get_by_role("heading", name="Lost parcel")).to_be_visible()

    def test_figures_alone(self, http_site, chromium, mia, team):
        stats = self.frame(chromium.page(), http_site, mia, "stats", chrome="0")
        expect(stats.get_by_role("region", name="Who waits")).to_be_visible()

    def test_a_part_that_nobody_named_says_so(self, http_site, chromium, mia):
        talk = self.frame(chromium.page(), http_site, mia, "thread")
        expect(talk.get_by_text("The page that embeds this part says which one to show.")).to_be_visible()

    def test_what_the_page_around_asked_for_last_is_shown(self, http_site, chromium, mia, team, thread):
        visitor = get_or_create_visitor(nickname="Ben")
        other = create_thread(type="WORKGROUP", visitor=visitor, agent=mia, team=team)
        send_message(thread=other, visitor=visitor, content="And mine?")
        page, late = chromium.page(), []
        desk = embed(page, http_site, factories.token(mia))
        expect(desk.get_by_role("option")).to_have_count(2)
        page.route(f"**/api/threads/{thread.pk}", lambda route: late.append(route))
        for number, asked in enumerate(
            ({"view": "thread", "thread": str(thread.pk)}, {"view": "thread", "thread": str(other.pk)})
        ):
            page.evaluate("command", {"type": "show", "id": number, "data": asked})
        assert heard(page, "ack", "data.id === 1")["data"]["ok"]
        late.pop().continue_()
        assert heard(page, "ack", "data.id === 0")["data"]["ok"]
        expect(desk.get_by_role("main").get_by_text("And mine?")).to_be_visible()
        expect(desk.get_by_role("main").get_by_text("Where is my parcel?")).to_have_count(0)


class TestReplies:
    def test_a_reply_has_files_that_go_along(self, http_site, chromium, mia, thread):
        page = open_desk(chromium.page(), http_site, mia)
        page.get_by_role("option").filter(has_text="Ann").click()
        page.locator(".write").press_sequentially("/")
        page.get_by_role("button", name="Write one…").click()
        page.get_by_label("Shortcut").fill("terms")
        page.get_by_role("textbox", name="Text").fill("Please read this.")
        page.locator(".reply-files input").set_input_files(
            {"name": "terms.txt", "mimeType": "text/plain", "buffer": b"Be kind."}
        )
        expect(page.locator(".reply-files .is-ready")).to_contain_text("terms.txt")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("button", name="/terms")).to_be_visible()
        reply = CannedReply.objects.get()
        assert [each.name for each in reply.attachments.all()] == ["terms.txt"]
        page.get_by_role("button", name="/terms").click()
        page.get_by_role("button", name="Remove terms.txt").click()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("button", name="/terms")).to_be_focused()
        assert not reply.attachments.exists()

    def test_they_are_made_found_changed_and_deleted(self, http_site, chromium, mia):
        page = open_desk(chromium.page(), http_site, mia)
        page.keyboard.press(",")
        page.get_by_role("button", name="Manage…").click()
        dialog = page.get_by_role("dialog", name="Canned replies")
        dialog.get_by_role("button", name="New reply").click()
        expect(dialog.get_by_label("Shortcut")).to_be_focused()
        dialog.get_by_label("Shortcut").fill("退款")
        dialog.get_by_label("Text").fill("Hello ")
        dialog.get_by_role("button", name="Visitor's name").click()
        dialog.get_by_label("Whose").last.select_option("team")
        dialog.get_by_role("button", name="Save").click()
        row = dialog.get_by_role("button", name="/退款")
        expect(row).to_contain_text("Sales")
        reply = CannedReply.objects.get()
        assert reply.content == "Hello {{visitor.nickname}}" and reply.team.name == "Sales"

        dialog.get_by_role("button", name="New reply").click()
        dialog.get_by_label("Shortcut").fill("退款")
        dialog.get_by_label("Text").fill("x")
        dialog.get_by_label("Whose").last.select_option("team")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog.get_by_text("This shortcut is taken.")).to_be_visible()

        row.click()
        dialog.get_by_label("Text").fill("你好")
        dialog.get_by_role("button", name="Save").click()
        expect(row).to_contain_text("你好")
        row.click()
        dialog.get_by_role("button", name="Delete…").click()
        dialog.get_by_role("button", name="Delete", exact=True).click()
        expect(dialog.get_by_text("No canned reply yet")).to_be_visible()
        assert not CannedReply.objects.exists()

    def test_agents_read_what_is_everybodys_and_do_not_change_it(self, http_site, chromium, mia):
        CannedReply.objects.create(shortcut="bye", content="Goodbye!")
        page = open_desk(chromium.page(), http_site, mia)
        page.keyboard.press(",")
        page.get_by_role("button", name="Manage…").click()
        dialog = page.get_by_role("dialog", name="Canned replies")
        dialog.get_by_role("button", name="/bye").click()
        expect(dialog.get_by_label("Text")).to_be_disabled()
        expect(dialog.get_by_role("button", name="Save")).to_have_count(0)


def test_language_and_time_zone_are_kept_by_the_desk(http_site, chromium, mia):
    page = open_desk(chromium.page(), http_site, mia)
    page.keyboard.press(",")
    page.get_by_label("Time zone").select_option("Asia/Shanghai")
    page.get_by_label("Language").select_option("zh-hans")
    page.get_by_role("button", name="Load again").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert User.objects.get(pk=mia.pk).timezone == "Asia/Shanghai"
