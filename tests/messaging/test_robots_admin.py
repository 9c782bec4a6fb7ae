"""The admin pages of robots and of what they know, and tables of knowledge."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from api.errors import Problem
from events.models import Event
from messaging.models import KnowledgeEntry, Robot
from messaging.robots.tables import rows_of
from messaging.services import knowledge
from messaging.services.robots import create_robot
from tests import factories
from tests.admin_pages import AdminPages
from tests.messaging.robots import admin, ask, know, robot, visit

pytestmark = pytest.mark.django_db
ROBOTS, ENTRIES = "messaging/robot/", "messaging/knowledgeentry/"
GIVEN = {
    "name": "小助手", "nickname": "Helper", "avatar": "", "active": "on", "welcome_text": "Hi",
    "config": "{}", "suggestions": "One\r\n\r\nTwo", "responder": "faq",
    "threshold": "0.6", "team": "", "offer_after": "1", "hand_over_after": "3",
}  # fmt: skip


@pytest.fixture
def pages(db):
    return AdminPages()


class TestRobots:
    def test_an_admin_makes_and_changes_one(self, pages):
        team = factories.team()
        assert pages.post(f"{ROBOTS}add/", GIVEN).status_code == 302
        made = Robot.objects.get()
        assert (made.name, made.suggestions, made.threshold, made.active) == (
            "小助手",
            ["One", "Two"],
            0.6,
            True,
        )
        page = f"{ROBOTS}{made.pk}/change/"
        assert "小助手" in pages.said(page) and "小助手" in pages.said(ROBOTS)
        changes = GIVEN | {"team": str(team.pk), "responder": "openai", "config": '{"model": "m"}'}
        del changes["active"]
        assert pages.post(page, changes).status_code == 302
        made.refresh_from_db()
        assert (made.team, made.responder, made.config, made.active) == (
            team,
            "openai",
            {"model": "m"},
            False,
        )
        events = Event.objects.filter(object_id=str(made.pk)).order_by("pk")
        assert [each.type for each in events] == ["robot.created", "robot.updated"]
        assert {each.actor_id for each in events} == {pages.user.pk}
        assert events[1].audience == ["settings/all"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [("threshold", "2"), ("threshold", "nan"), ("threshold", "x"), ("config", "{"), ("config", "[1]"),
         ("config", '{"x": 1}'), ("offer_after", "0"), ("offer_after", "99"), ("hand_over_after", "-1"),
         ("responder", "nobody"), ("avatar", "javascript:alert(1)"), ("name", ""), ("name", "x" * 200),
         ("suggestions", "\n".join("abcdef")), ("suggestions", "x" * 300), ("welcome_text", "x" * 3000)],
    )  # fmt: skip
    def test_what_makes_no_sense_is_said_at_its_field(self, pages, field, value):
        given = GIVEN | {"responder": "openai"} | {field: value}
        page = pages.post(f"{ROBOTS}add/", given)
        assert page.status_code == 200 and b'class="dk-error"' in page.content
        assert not Robot.objects.exists()

    def test_one_whose_responder_is_no_more_can_be_switched_off(self, pages):
        made = robot("小助手")
        Robot.objects.update(responder="gone", config={"old": 1})
        page = f"{ROBOTS}{made.pk}/change/"
        assert "gone (there is no such responder)" in pages.said(page)
        given = GIVEN | {"responder": "gone", "config": '{"old": 1}'}
        del given["active"]
        assert pages.post(page, given).status_code == 302
        made.refresh_from_db()
        assert (made.active, made.responder) == (False, "gone")

    def test_a_name_is_one_robots(self, pages):
        robot("小助手")
        assert b"has this name" in pages.post(f"{ROBOTS}add/", GIVEN).content

    def test_no_page_holds_the_services_key(self, pages, settings):
        settings.ROBOT_OPENAI_URL, settings.ROBOT_OPENAI_KEY = "https://llm.example.com/v1", "sk-very-secret"
        made = robot(responder="openai")
        for page in (f"{ROBOTS}add/", f"{ROBOTS}{made.pk}/change/", ROBOTS):
            assert "sk-very-secret" not in pages.said(page)

    @pytest.mark.parametrize("who", ["agent", "supervisor"])
    def test_nobody_else_gets_in(self, who):
        made, entry = robot(), know("x", "y")
        pages = AdminPages(getattr(factories, who)(password=factories.PASSWORD))
        for path in (ROBOTS, f"{ROBOTS}add/", f"{ROBOTS}{made.pk}/change/", f"{ENTRIES}{entry.pk}/change/"):
            assert pages.get(path).status_code in (302, 403)
        pages.post(f"{ENTRIES}", {"_selected_action": [entry.pk], "action": "remove_selected"})
        assert KnowledgeEntry.objects.exists()

    def test_there_is_no_way_to_delete_one(self, pages):
        made = robot()
        pages.post(f"{ROBOTS}{made.pk}/delete/", {"post": "yes"})
        assert Robot.objects.exists()


class TestKnowledge:
    def test_an_entry_is_made_changed_and_deleted_and_robots_know_at_once(self, pages):
        robo = robot()
        browser = visit(robo)
        given = {
            "question": "Do you ship to Mars?",
            "similar": "Mars delivery",
            "answer": "Not yet.",
            "robot": "",
        }
        assert pages.post(f"{ENTRIES}add/", given | {"language": "en", "enabled": "on"}).status_code == 302
        made = KnowledgeEntry.objects.get()
        assert ask(browser, "mars delivery?")["content"] == "Not yet."
        page = f"{ENTRIES}{made.pk}/change/"
        changes = given | {
            "question": "Do you ship to Venus?",
            "similar": "",
            "enabled": "on",
            "robot": str(robo.pk),
        }
        assert pages.post(page, changes).status_code == 302
        assert ask(browser, "venus")["content"] == "Not yet."
        assert ask(browser, "mars")["content"] != "Not yet."
        pages.post(ENTRIES, {"_selected_action": [made.pk], "action": "disable_selected"})
        assert ask(browser, "venus")["content"] != "Not yet."
        pages.post(ENTRIES, {"_selected_action": [made.pk], "action": "remove_selected"})
        assert not KnowledgeEntry.objects.exists()
        types = Event.objects.filter(object_id=str(made.pk)).order_by("pk").values_list("type", flat=True)
        assert list(types) == ["knowledge.created", *["knowledge.updated"] * 2, "knowledge.deleted"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [("question", ""), ("question", "x" * 600), ("answer", "  "), ("answer", "x" * 20_000),
         ("language", "tlh"), ("similar", "\n".join(map(str, range(60)))), ("robot", "nobody")],
    )  # fmt: skip
    def test_what_cannot_be_stored_is_said_at_its_field(self, pages, field, value):
        given = {"question": "q", "similar": "", "answer": "a", "robot": "", "language": ""} | {field: value}
        page = pages.post(f"{ENTRIES}add/", given)
        assert page.status_code == 200 and b'class="dk-error"' in page.content
        assert not KnowledgeEntry.objects.exists()

    def test_it_is_found_by_what_it_says(self, pages):
        know("如何退货?", "请寄回")
        know("Opening hours?", "Nine to five")
        page = pages.get(ENTRIES, {"q": "退货"}).content.decode()
        assert "如何退货" in page and "Opening" not in page


class TestTables:
    def upload(self, pages: AdminPages, text: str | bytes, **more: str):
        raw = text if isinstance(text, bytes) else text.encode()
        file = SimpleUploadedFile("faq.csv", raw, content_type="text/csv")
        return pages.post(f"{ENTRIES}import/", {"file": file, "robot": ""} | more)

    def test_a_table_becomes_knowledge_and_again_changes_it(self, pages):
        robo = robot()
        head = "question,answer,similar,language,enabled"
        table = f'{head}\n如何退货?,"第一行\n第二行",怎么退|退货流程,zh-hans,\nOpen?,Nine,,,no\n'
        assert "enctype" in pages.said(f"{ENTRIES}import/")
        assert self.upload(pages, table, robot=str(robo.pk)).status_code == 302
        first = KnowledgeEntry.objects.get(question="如何退货?")
        assert (first.answer, first.similar, first.robot) == ("第一行\n第二行", ["怎么退", "退货流程"], robo)
        assert not KnowledgeEntry.objects.get(question="Open?").enabled
        assert (
            self.upload(pages, "question;answer\r\nOpen?;Ten\r\nNew?;Yes\r\n", robot=str(robo.pk)).status_code
            == 302
        )
        assert KnowledgeEntry.objects.count() == 3
        changed = KnowledgeEntry.objects.get(question="Open?")
        assert (changed.answer, changed.enabled) == ("Ten", True)
        event = Event.objects.filter(type="knowledge.imported").latest("pk")
        assert (event.data["created"], event.data["changed"]) == (1, 1)
        assert ask(visit(robo), "退货流程")["content"] == "第一行\n第二行"

    def test_what_a_spreadsheet_in_china_saves_is_read_too(self, pages):
        assert self.upload(pages, "question,answer\n如何退货?,寄回\n".encode("gb18030")).status_code == 302
        assert self.upload(pages, "\ufeffquestion\tanswer\n发货\t明天\n").status_code == 302
        assert set(KnowledgeEntry.objects.values_list("question", flat=True)) == {"如何退货?", "发货"}

    @pytest.mark.parametrize(
        "text",
        [b"", b"\n", b"question\nx\n", b"question,answer,evil\nx,y,z\n", b"question,answer\n,y\n",
         b"question,answer\nok,fine\nx,\n", b"question,answer\n" + b"x" * 600 + b",y\n",
         b"\x89PNG\r\n\x1a\n\x00",
         b"question,answer\n\x00,y\n", b"\xff\xff\xff", b'question,answer\n"' + b"x" * 200_000,
         b"question,answer\n" + b"q,a\n" * 6000, b"question,answer,language\nx,y,tlh\n"],
    )  # fmt: skip
    def test_what_is_no_table_of_knowledge_changes_nothing(self, pages, text):
        page = self.upload(pages, text)
        assert page.status_code == 200 and b'class="dk-error"' in page.content
        assert not KnowledgeEntry.objects.exists()

    def test_a_table_that_is_too_large_is_refused(self):
        with pytest.raises(Problem):
            list(rows_of(b"x" * (6 * 1024 * 1024)))

    def test_each_row_that_is_wrong_is_named(self):
        rows = [
            {"question": "", "answer": "x"},
            {"question": "fine", "answer": "x"},
            {"question": "y", "answer": ""},
        ]
        with pytest.raises(Problem) as refused:
            knowledge.import_entries(rows=rows, robot=None, actor=admin())
        assert [each["detail"].split(":")[0] for each in refused.value.errors] == ["Row 2", "Row 4"]


def test_a_robot_of_a_package_of_ones_own_is_plugged_in_by_the_environment(settings, monkeypatch):
    from messaging.robots import responders

    settings.ROBOT_RESPONDERS = {"echo": "tests.messaging.echo_robot.Echo"}
    responders._take_plugged_in.cache_clear()
    try:
        made = create_robot(actor=admin(), name="e", nickname="Echo", responder="echo", config={"times": 2})
        assert ask(visit(made), "Hey ho")["content"] == "Hey ho Hey ho"
        with pytest.raises(Problem):
            create_robot(actor=admin(), name="f", nickname="Echo", responder="echo", config={"times": "x"})
    finally:
        responders.KINDS.pop("echo", None)
        responders._take_plugged_in.cache_clear()


@pytest.mark.parametrize(
    ("url", "key", "plugged", "found"),
    [
        ("", "", {}, []),
        ("https://llm.example.com/v1", "k", {"echo": "tests.messaging.echo_robot.Echo"}, []),
        ("http://127.0.0.1:11434/v1", "k", {}, []),
        ("http://llm.example.com/v1", "k", {}, ["robots.W002"]),
        ("llm.example.com", "k", {}, ["robots.E001"]),
        ("", "", {"x": "nowhere.Nothing", "y": "tests.messaging.robots.FAQ"}, ["robots.E003", "robots.E004"]),
    ],
)
def test_what_an_operator_gets_wrong_is_said(settings, url, key, plugged, found):
    from messaging.robots.checks import check_robots

    settings.ROBOT_OPENAI_URL, settings.ROBOT_OPENAI_KEY, settings.ROBOT_RESPONDERS = url, key, plugged
    assert [each.id for each in check_robots(None)] == found
