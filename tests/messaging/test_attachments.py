"""Files in messages: whose they are, who sees them, how often they are sent, and when they are gone."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from api.errors import Problem
from events import queries as feed
from events.models import Event
from messaging import services
from messaging.files import stored
from messaging.models import Attachment, DiscardedFile, Message, Thread
from messaging.services import attachments
from messaging.services.attachments import sweep_files
from tests import factories
from tests.messaging.conversations import Browser, as_user, thread
from tests.messaging.uploads import PDF, form, png, upload
from tickets.services import empty_bin

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(agent):
    return thread(agent=agent, team=factories.team())


@pytest.fixture
def team(db):
    return factories.team()


@pytest.fixture
def visitor(team):
    browser = Browser(t="1", sid=str(team.pk))
    assert browser.open().status_code == 200
    return browser


def send(api, talk, attachment: dict, **more):
    return api.post("messages/send", {"thread": str(talk.pk), "attachment": attachment["id"]} | more)


def upload_as(browser: Browser, content: bytes = b"", name: str = "a.png"):
    content = content or png()
    return browser.client.post(
        "/api/chat/upload",
        form(content, name)["data"],
        headers={"Authorization": f"Bearer {browser.credential}"},
    )


def say(browser: Browser, attachment: dict, client_id: str = "c1", **more):
    body = {"attachment": attachment["id"], "clientId": client_id, "t": "1", "sid": browser.opening["sid"]}
    return browser.post("send", body | more)


def stored_files() -> int:
    return sum(stored.storage().exists(row.key) for row in Attachment.objects.all())


class TestSending:
    def test_a_picture_with_a_caption_is_the_same_in_answer_list_and_one(self, api, talk):
        made = upload(api, png(80, 60))
        sent = send(api, talk, made, content="Look")
        assert sent.status_code == 200, sent.content
        message = sent.json()
        assert (message["type"], message["content"], message["attachment"]) == ("image", "Look", made)
        assert api.get("messages/list", {"thread": str(talk.pk)}).json()[-1] == message
        assert api.get(f"messages/{message['id']}").json() == message
        assert api.get(f"attachments/{made['id']}").json() == made
        assert api.get(f"threads/{talk.pk}").json()["content"] == "[image]"
        assert Client().get(message["attachment"]["url"]).status_code == 200

    def test_the_type_is_found_out_and_a_picture_may_be_sent_as_a_file(self, api, talk):
        assert send(api, talk, upload(api, PDF, "a.pdf")).json()["type"] == "file"
        assert send(api, talk, upload(api, png()), type="file").json()["type"] == "file"
        wrong = send(api, talk, upload(api, PDF, "a.pdf"), type="image")
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "type")
        for type in ("system", "card", "song"):
            assert send(api, talk, upload(api, png()), type=type).status_code == 400

    def test_one_attachment_is_one_messages(self, api, talk):
        made = upload(api, png())
        assert send(api, talk, made).status_code == 200
        again = send(api, talk, made)
        assert (again.status_code, again.json()["errors"][0]["code"]) == (400, "already_used")
        assert Message.objects.count() == 1 and Thread.objects.get(pk=talk.pk).last_seq == 1

    def test_a_resend_with_the_same_client_id_gets_the_first_message(self, api, talk):
        made = upload(api, png())
        first = send(api, talk, made, clientId="c1").json()
        assert send(api, talk, made, clientId="c1").json() == first
        api.post(f"messages/{first['id']}/recall", {})
        assert send(api, talk, made, clientId="c1").json()["id"] == first["id"]
        assert Message.objects.count() == 1

    def test_nobody_sends_what_somebody_else_uploaded(self, api, admin_api, talk, visitor):
        made = upload(api, png())
        theirs = upload_as(visitor).json()
        for attachment in (made, theirs):
            answer = send(admin_api, talk, attachment)
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "not_found")
        assert say(visitor, made).status_code == 400
        assert Message.objects.count() == 0

    def test_a_note_with_a_file_never_reaches_the_visitor(self, api, admin_api, visitor):
        visitor.say("Hello")
        talk = Thread.objects.get()
        made = upload(admin_api, png())
        note = send(admin_api, talk, made, visibility="internal")
        assert note.status_code == 200
        assert visitor.get(f"attachments/{made['id']}").status_code == 404
        assert [each["type"] for each in visitor.get("messages").json()] == ["text"]
        assert admin_api.get(f"attachments/{made['id']}").status_code == 200

    def test_who_does_not_see_the_thread_does_not_see_its_files(self, api, talk):
        made = send(api, talk, upload(api, png())).json()["attachment"]
        stranger = as_user(factories.agent())
        assert stranger.get(f"attachments/{made['id']}").status_code == 404

    def test_the_list_asks_once_however_many_files_there_are(self, api, talk, django_assert_num_queries):
        for number in range(5):
            send(api, talk, upload(api, png()), content=f"{number}")
        api.get("messages/list", {"thread": str(talk.pk)})
        with django_assert_num_queries(2):  # the token, the page
            assert len(api.get("messages/list", {"thread": str(talk.pk)}).json()) == 5

    def test_two_messages_at_once_do_not_share_an_attachment(self, transactional_db):
        mia = factories.agent()
        one, other = thread(agent=mia), thread(agent=mia)
        made = attachments.store_attachment(file=form(png())["data"]["file"], name="a.png", user=mia)

        def send(talk) -> str:
            try:
                services.send_message(thread=talk, user=mia, type="", attachment=made["id"])
                return "sent"
            except Problem as problem:
                return problem.errors[0]["code"]
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(send, (one, other))) == ["already_used", "sent"]
        assert Message.objects.count() == 1


class TestVisitors:
    def test_a_visitor_sends_a_file_first_and_the_agent_sees_it(self, visitor, admin_api):
        made = upload_as(visitor, png(80, 60), "照片.png").json()
        sent = say(visitor, made, content="Here")
        assert sent.status_code == 200, sent.content
        assert sent.json()["type"] == "image" and sent.json()["attachment"] == made
        (shown,) = visitor.get("messages").json()
        assert shown == sent.json()
        assert visitor.get(f"attachments/{made['id']}").json() == made
        talk = Thread.objects.get()
        (seen,) = admin_api.get("messages/list", {"thread": str(talk.pk)}).json()
        assert seen["attachment"] == made
        assert admin_api.get(f"attachments/{made['id']}").json() == made

    def test_a_resend_stores_one_message(self, visitor):
        made = upload_as(visitor).json()
        first = say(visitor, made)
        assert say(visitor, made).json() == first.json()
        assert Message.objects.count() == 1

    def test_another_visitor_gets_nothing_of_it(self, visitor):
        other = Browser(**visitor.opening)
        other.open()
        made = upload_as(visitor).json()
        assert other.get(f"attachments/{made['id']}").status_code == 404
        assert say(other, made).status_code == 400
        say(visitor, made)
        assert other.get(f"attachments/{made['id']}").status_code == 404

    def test_a_blocked_visitor_uploads_nothing(self, visitor, admin):
        services.block_visitor(visitor_id=visitor.visitor.pk, actor=admin)
        answer = upload_as(visitor)
        assert (answer.status_code, answer.json()["code"]) == (403, "visitor_blocked")
        assert Attachment.objects.count() == 0

    def test_without_a_credential_nothing_is_taken(self, visitor):
        visitor.credential = "vst_x"
        assert upload_as(visitor).status_code == 401

    @pytest.mark.parametrize(("limit", "value"), [("PER_HOUR", 2), ("BYTES_PER_DAY", 100)])
    def test_a_visitor_uploads_so_many_and_so_much(self, visitor, monkeypatch, limit, value):
        monkeypatch.setattr(attachments, limit, value)
        assert [upload_as(visitor).status_code for _ in range(2)] == [200, 200]
        refused = upload_as(visitor)
        assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
        assert int(refused["Retry-After"]) > 0

    def test_opening_says_what_may_be_sent(self, visitor):
        said = visitor.open().json()["desk"]["files"]
        assert said["bytes"] == 25 * 1024 * 1024 and "image/*" in said["types"]

    def test_a_visitor_sends_no_cards(self, visitor):
        assert visitor.post("send", {"content": "x", "clientId": "c", "type": "card"}).status_code == 400


class TestEvents:
    def test_an_event_keeps_no_link_and_is_given_out_with_one_that_works(self, api, talk, monkeypatch):
        sent = send(api, talk, upload(api, png(80, 60))).json()
        kept = Event.objects.get(type="message.created", object_id=sent["id"])
        assert kept.data["attachment"]["url"] == kept.data["attachment"]["thumbnailUrl"] == ""
        tomorrow = time.time() + 90_000
        monkeypatch.setattr(time, "time", lambda: tomorrow)
        (event,) = self.heard("message.created")
        assert event["data"]["attachment"]["url"] != sent["attachment"]["url"]
        for link in ("url", "thumbnailUrl"):
            assert Client().get(event["data"]["attachment"][link]).status_code == 200

    def test_no_text_that_somebody_sends_becomes_a_link(self, api, talk, admin_api):
        secret = upload(admin_api, png())
        inner = f'"attachment": {{"id": "{secret["id"]}", "name": "x", "thumbnailUrl": ""}}'
        text = f"{inner} /files/{secret['id']}/1.x/y"
        api.post("messages/send", {"thread": str(talk.pk), "content": text})
        (event,) = self.heard("message.created")
        assert event["data"]["content"] == text and event["data"]["attachment"] is None

    def test_what_is_recalled_stays_readable_nowhere(self, api, talk):
        sent = send(api, talk, upload(api, png(), "secret-name.png"), content="caption").json()
        key = Attachment.objects.get().key
        recalled = api.post(f"messages/{sent['id']}/recall", {}).json()
        assert (recalled["attachment"], recalled["content"], recalled["type"]) == (None, "", "image")
        assert not Event.objects.filter(data__icontains="secret-name").exists()
        assert all(each["data"].get("attachment") is None for each in self.heard("message.created"))
        assert Client().get(sent["attachment"]["url"]).status_code == 404
        sweep_files()
        assert not stored.storage().exists(key) and not stored.storage().exists(stored.thumbnail_key(key))
        assert not DiscardedFile.objects.exists()

    def heard(self, type: str) -> list[dict]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT transaction::text, id, type, at, object_id, actor_id, actor_name, data, audience"
                " FROM events_event WHERE type = %s ORDER BY id",
                [type],
            )
            rows = cursor.fetchall()
        from api.rendering import dumps

        return [json.loads(dumps(feed.shown(row))) for row in rows]


class TestSweep:
    def test_what_was_never_sent_goes_after_a_day(self, api, talk):
        upload(api, png())
        sent = send(api, talk, upload(api, png())).json()
        assert sweep_files() == {"forgotten": 0, "deleted": 0}
        keys = set(Attachment.objects.values_list("key", flat=True))
        Attachment.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
        assert sweep_files() == {"forgotten": 1, "deleted": 1}
        (left,) = Attachment.objects.all()
        assert str(left.pk) == sent["attachment"]["id"]
        assert [stored.storage().exists(key) for key in keys - {left.key}] == [False]
        assert stored.storage().exists(left.key)

    def test_a_file_whose_row_never_came_goes_and_one_under_way_stays(self, api, monkeypatch):
        monkeypatch.setattr(Attachment, "save", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            attachments.store_attachment(
                file=form(png())["data"]["file"], name="a.png", user=factories.agent()
            )
        (lost,) = DiscardedFile.objects.all()
        assert stored.storage().exists(lost.key) and sweep_files()["deleted"] == 0
        DiscardedFile.objects.update(due_at=timezone.now())
        assert sweep_files()["deleted"] == 1 and not stored.storage().exists(lost.key)

    def test_a_storage_that_fails_is_said_and_asked_again_and_hinders_no_other_file(self, api, monkeypatch):
        def fail(*_):
            raise OSError("no space left")

        kept = [upload(api, png())["id"] for _ in range(2)]
        broken = Attachment.objects.get(pk=kept[0]).key
        Attachment.objects.all().delete()
        delete = stored.delete
        monkeypatch.setattr(stored, "delete", lambda key: fail() if key == broken else delete(key))
        monkeypatch.setattr(stored, "save", fail)
        assert sweep_files()["deleted"] == 1
        (left,) = DiscardedFile.objects.all()
        assert left.key == broken and left.due_at > timezone.now()
        refused = api.post("attachments/create", **form(png()))
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")

    def test_what_is_deleted_with_its_thread_or_its_ticket_leaves_no_file(self, admin, admin_api, talk):
        ticket = admin_api.post("tickets/create", {"title": "T"}).json()
        files = []
        for each in (talk.pk, ticket["thread"]):
            made = upload(admin_api, png())
            admin_api.post("messages/send", {"thread": str(each), "attachment": made["id"]})
            files.append(Attachment.objects.get(pk=made["id"]).key)
        admin_api.delete(f"tickets/{ticket['id']}")
        assert empty_bin(older_than=timedelta(0)) == 1
        Thread.objects.filter(pk=talk.pk).delete()
        assert Attachment.objects.count() == 0
        assert sweep_files()["deleted"] == 2
        assert not any(stored.storage().exists(key) for key in files)

    def test_what_killed_processes_left_of_uploads_goes_too(self, settings):
        left, fresh = (Path(settings.FILE_UPLOAD_TEMP_DIR) / name for name in ("left.upload", "fresh.upload"))
        left.write_bytes(b"x")
        fresh.write_bytes(b"x")
        os.utime(left, (1, 1))
        sweep_files()
        assert not left.exists() and fresh.exists()
        fresh.unlink()

    def test_a_key_that_is_discarded_again_meanwhile_stays_on_the_list(self, api, talk):
        upload(api, png())
        row = Attachment.objects.get()
        DiscardedFile.objects.create(key=row.key, due_at=timezone.now())
        before = DiscardedFile.objects.get().due_at
        row.delete()
        assert DiscardedFile.objects.get().due_at > before
