"""How much visitors upload: each one, each address, and all of them together."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from messaging import attachments_queries
from messaging.files import stored
from messaging.models import Attachment, DiscardedFile, UploadPace
from messaging.services import attachments, upload_pace
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import Browser
from tests.messaging.uploads import EXE, form, png, upload

pytestmark = pytest.mark.django_db


class TestRoomOfVisitors:
    """Anybody may become any number of visitors: their files are bounded per address and all together."""

    @pytest.fixture(autouse=True)
    def early_in_an_hour(self, monkeypatch):
        # In the first minutes of an hour that of the last one: a token from the future is refused.
        self.now = (timezone.now() - timedelta(minutes=10)).replace(minute=10)
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    @pytest.fixture
    def newcomer(self, db):
        team = factories.team()

        def come() -> Browser:
            browser = Browser(t="1", sid=str(team.pk))
            assert browser.open().status_code == 200
            return browser

        return come

    def sent(self, browser: Browser, address: str = "192.0.2.1", content: bytes = b""):
        return browser.client.post(
            "/api/chat/upload",
            form(content or png())["data"],
            headers={"Authorization": f"Bearer {browser.credential}"},
            REMOTE_ADDR=address,
        )

    def codes(self, answers) -> list:
        return [answer.json().get("code", "taken") for answer in answers]

    @pytest.mark.parametrize(("limit", "value"), [("ADDRESS_PER_HOUR", 2), ("ADDRESS_BYTES_PER_DAY", 100)])
    def test_an_address_has_a_quota_however_many_visitors_it_makes(self, newcomer, monkeypatch, limit, value):
        monkeypatch.setattr(attachments, limit, value)
        answers = [self.sent(newcomer()) for _ in range(3)]
        assert self.codes(answers) == ["taken", "taken", "throttled"]
        assert answers[2].status_code == 429 and 0 < int(answers[2]["Retry-After"]) <= 3600
        assert self.sent(newcomer(), "192.0.2.2").status_code == 200
        assert Attachment.objects.count() == 3

    def test_an_hour_and_a_day_pass(self, newcomer, monkeypatch):
        monkeypatch.setattr(attachments, "PER_HOUR", 1)
        monkeypatch.setattr(attachments, "BYTES_PER_DAY", 2 * len(png()))
        browser, taken = newcomer(), []
        for hours in (0, 0, 1, 2, 23, 24):
            self.now = datetime(2026, 1, 1, 0, 10, tzinfo=UTC) + timedelta(hours=hours)
            taken.append(self.sent(browser).status_code == 200)
        assert taken == [True, False, True, False, False, True]

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
            ("::ffff:192.0.2.1", "192.0.2.1", True),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
            ("fe80::1%eth0", "fe80::2%eth1", True),
            ("", "192.0.2.1", False),
        ],
    )
    def test_an_ipv6_address_counts_with_its_network(self, one, other, same):
        assert (upload_pace.of_address(one) == upload_pace.of_address(other)) is same

    def test_no_address_is_kept(self, newcomer):
        self.sent(newcomer())
        rows = UploadPace.objects.values_list("source", "files", "size")
        assert len(rows) == 2
        assert all(len(source) == 64 and "192.0.2" not in source for source, _, _ in rows)
        assert {(files, size) for _, files, size in rows} == {(1, len(png()))}

    def test_what_is_refused_for_what_it_is_counts_for_nothing(self, newcomer):
        assert self.sent(newcomer(), content=EXE).status_code == 400
        assert not UploadPace.objects.exists()

    @pytest.mark.parametrize("limit", ["PER_HOUR", "ADDRESS_PER_HOUR"])
    def test_uploads_at_the_same_moment_do_not_pass_together(
        self, transactional_db, newcomer, monkeypatch, limit
    ):
        monkeypatch.setattr(attachments, limit, 2)
        one = newcomer()
        browsers = [one if limit == "PER_HOUR" else newcomer() for _ in range(6)]
        assert self.codes(self.at_once(browsers, monkeypatch)).count("taken") == 2
        assert Attachment.objects.count() == 2 and not DiscardedFile.objects.exists()

    def test_visitors_share_the_room_for_what_is_not_sent(self, newcomer, admin, monkeypatch):
        self.allow(1, admin)
        half = png() + bytes(500_000)
        first = newcomer()
        made = self.sent(first, content=half).json()
        assert self.sent(newcomer(), "192.0.2.2", half).status_code == 200
        refused = self.sent(newcomer(), "192.0.2.3", half)
        assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
        assert int(refused["Retry-After"]) > 0
        assert not DiscardedFile.objects.exists() and UploadPace.objects.count() == 4  # it was not counted
        first.post("send", {"attachment": made["id"], "clientId": "c", "type": "file"} | first.opening)
        assert Attachment.objects.get(pk=made["id"]).message_id
        assert self.sent(newcomer(), "192.0.2.3", half).status_code == 200

    def test_what_agents_have_not_sent_takes_no_room_of_visitors(self, api, newcomer, admin):
        self.allow(1, admin)
        for _ in range(2):
            upload(api, png() + bytes(600_000))
        assert self.sent(newcomer()).status_code == 200

    def test_files_under_way_take_room_too(self, transactional_db, newcomer, monkeypatch):
        self.allow(1, factories.admin())
        browsers = [newcomer() for _ in range(4)]
        assert self.codes(self.at_once(browsers, monkeypatch, png() + bytes(600_000))).count("taken") == 1
        assert Attachment.objects.count() == 1 and not DiscardedFile.objects.exists()

    def test_visitors_files_are_swept_after_an_hour_and_their_pace_after_a_day(self, api, newcomer):
        upload(api, png())
        browser = newcomer()
        made = self.sent(browser).json()
        Attachment.objects.update(created_at=self.now - timedelta(minutes=59))
        assert attachments.sweep_files() == {"forgotten": 0, "deleted": 0}
        Attachment.objects.update(created_at=self.now - timedelta(minutes=61))
        UploadPace.objects.update(hour=self.now - timedelta(hours=24, minutes=59))
        assert attachments.sweep_files()["forgotten"] == 1
        assert not Attachment.objects.filter(pk=made["id"]).exists() and Attachment.objects.count() == 1
        assert UploadPace.objects.count() == 2
        UploadPace.objects.update(hour=self.now - timedelta(hours=25, minutes=1))
        attachments.sweep_files()
        assert not UploadPace.objects.exists()

    def allow(self, megabytes: int, admin) -> None:
        change_settings(group="chat", values={"unsentMegabytes": megabytes}, actor=admin)
        forget_kept()

    def at_once(self, browsers, monkeypatch, content: bytes = b"") -> list:
        """Upload from all at the same moment, each with its own connection, slowly where they could meet."""

        def slowly(function):
            def called(*args):
                found = function(*args)
                time.sleep(0.1)
                return found

            return called

        def sent(browser: Browser):
            try:
                return self.sent(browser, content=content)
            finally:
                connection.close()

        for place, name in ((attachments_queries, "paced"), (stored, "save")):
            monkeypatch.setattr(place, name, slowly(getattr(place, name)))
        with ThreadPoolExecutor(len(browsers)) as pool:
            return list(pool.map(sent, browsers))
