"""The links to files: signed, short-lived, without a cookie, and nothing in a file ever runs."""

import time
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage, storages
from django.test import Client

from config import files, logs
from messaging.files import links, stored, views
from messaging.models import Attachment
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests.messaging.uploads import HTML, PDF, SVG, picture, png, upload

pytestmark = pytest.mark.django_db
browser = Client()  # nobody: no token, no session


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def made(api) -> dict:
    return upload(api, png(800, 600), '截图 "1".png')


def test_a_link_shows_the_file_and_its_thumbnail_to_whoever_holds_it(made):
    answer = browser.get(made["url"])
    assert body(answer) == png(800, 600)
    headers = answer.headers
    assert headers["Content-Type"] == "image/png" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Content-Security-Policy"].endswith("sandbox")
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Content-Disposition"] == "inline; filename*=utf-8''%E6%88%AA%E5%9B%BE%20_1_.png"
    assert headers["Cache-Control"].startswith("private, max-age=") and "Set-Cookie" not in headers
    assert "Vary" not in headers
    small = browser.get(made["thumbnailUrl"])
    assert (small.status_code, small["Content-Type"]) == (200, "image/webp")
    assert small["ETag"] != answer["ETag"]


def test_a_link_stays_the_same_for_an_hour_and_ends_within_two(made, monkeypatch):
    hour = int(time.time()) // 3600 * 3600
    row = Attachment.objects.get()
    first = links.of(row.pk, row.name, now=hour)
    assert links.of(row.pk, row.name, now=hour + 3599) == first != links.of(row.pk, row.name, now=hour + 3600)
    monkeypatch.setattr(time, "time", lambda: hour + 7199.0)
    assert browser.get(first).status_code == 200
    monkeypatch.setattr(time, "time", lambda: hour + 7200.0)
    answer = browser.get(first)
    assert (answer.status_code, "link_expired" in answer.content.decode()) == (403, True)


def test_an_altered_link_leads_nowhere_and_asks_no_database(made, django_assert_num_queries):
    _, _, id, ticket, name = made["url"].split("/")
    expiry, signature = ticket.split(".")
    thumbnail = made["thumbnailUrl"].split("/")[3]
    altered = [
        f"/files/{id}/{int(expiry) + 3600}.{signature}/{name}",
        f"/files/{uuid4()}/{ticket}/{name}",
        f"/files/{id}/t{ticket}/{name}",
        f"/files/{id}/{thumbnail[1:]}/{name}",
        f"/files/{id}/{expiry}.{signature[:-1]}/{name}",
        f"/files/{id}/{expiry}./{name}",
        f"/files/{id}/{expiry}/{name}",
        f"/files/{id}/.{signature}/{name}",
        f"/files/{id}/-1.{signature}/{name}",
        f"/files/{id}/{'9' * 400}.{signature}/{name}",
        f"/files/{id}/٣.{signature}/{name}",
        f"/files/x/{ticket}/{name}",
        f"/files/{id}/{ticket}/a/b",
    ]
    with django_assert_num_queries(0):
        for link in altered:
            assert browser.get(link).status_code == 404, link
    assert browser.get(f"/files/{id}/{ticket}/whatever").status_code == 200
    assert browser.post(made["url"]).status_code == 405


@pytest.mark.parametrize(
    ("content", "name", "inline"),
    [
        (png(), "a.png", True),
        (picture("GIF"), "a.gif", True),
        (PDF, "a.pdf", True),
        (b"\0\0\0\x18ftypmp42" + bytes(50), "a.mp4", True),
        (b"ID3\x03" + bytes(50), "a.mp3", True),
        (png()[:40], "broken.png", False),
        (b"hello", "a.txt", False),
        (b"PK\x03\x04" + bytes(80), "a.zip", False),
        (HTML, "a.html", False),
        (SVG, "a.svg", False),
    ],
)
def test_only_what_cannot_run_is_shown_in_place(api, admin, content, name, inline):
    types = ["text/html", "image/svg+xml", "image/*", "video/*", "audio/*", "text/plain", "application/*"]
    change_settings(group="chat", values={"attachmentTypes": types}, actor=admin)
    forget_kept()
    answer = browser.get(upload(api, content, name)["url"])
    assert answer["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "script" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "status", "part", "said"),
    [
        ("bytes=0-3", 206, slice(0, 4), "bytes 0-3/10"),
        ("bytes=4-", 206, slice(4, 10), "bytes 4-9/10"),
        ("bytes=-3", 206, slice(7, 10), "bytes 7-9/10"),
        ("bytes=0-", 200, slice(0, 10), None),
        ("bytes=8-500", 206, slice(8, 10), "bytes 8-9/10"),
        ("bytes=-500", 200, slice(0, 10), None),
        ("bytes=10-", 416, slice(0, 0), "bytes */10"),
        ("bytes=-0", 416, slice(0, 0), "bytes */10"),
        ("bytes=5-2", 200, slice(0, 10), None),
        ("bytes=0-1,3-4", 200, slice(0, 10), None),
        ("bytes=-", 200, slice(0, 10), None),
        ("lines=1-2", 200, slice(0, 10), None),
        ("bytes=" + "9" * 50 + "-", 200, slice(0, 10), None),
    ],
)
def test_parts_are_given_as_players_ask_for_them(api, asked, status, part, said):
    link = upload(api, b"0123456789", "a.txt")["url"]
    answer = browser.get(link, headers={"Range": asked})
    assert (answer.status_code, body(answer)) == (status, b"0123456789"[part])
    assert answer.headers.get("Content-Range") == said
    if status != 416:
        assert answer["Content-Length"] == str(len(b"0123456789"[part]))


def test_what_a_browser_has_is_not_sent_again(made):
    answer = browser.get(made["url"])
    again = browser.get(made["url"], headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = browser.get(made["url"], headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert other.status_code == 200
    head = browser.head(made["url"])
    assert (head["Content-Length"], body(head)) == (str(len(png(800, 600))), b"")


def test_a_file_that_the_storage_has_lost_is_not_found(made):
    stored.delete(Attachment.objects.get().key)
    assert browser.get(made["url"]).status_code == 404
    assert browser.get(made["thumbnailUrl"]).status_code == 404


class TestBuckets:
    ENVIRON = {
        "ATTACHMENTS_S3_BUCKET": "desk-files",
        "ATTACHMENTS_S3_ENDPOINT": "https://s3.example.com",
        "ATTACHMENTS_S3_REGION": "eu-1",
        "ATTACHMENTS_S3_ACCESS_KEY": "key",
        "ATTACHMENTS_S3_SECRET_KEY": "secret",
        "ATTACHMENTS_S3_ADDRESSING": "path",
        "ATTACHMENTS_S3_PREFIX": "inlay",
    }

    def test_without_a_bucket_files_are_in_a_folder_that_only_the_desk_reads(self, tmp_path):
        entry = files.storage({}, tmp_path)
        kept = FileSystemStorage(**entry["OPTIONS"])
        assert (entry["BACKEND"], kept.location) == (
            "django.core.files.storage.FileSystemStorage",
            str(tmp_path / "attachments"),
        )
        assert files.origins({}) == []

    def test_the_environment_names_the_bucket_whose_own_addresses_are_given_out(
        self, made, tmp_path, settings, monkeypatch
    ):
        settings.STORAGES = settings.STORAGES | {"attachments": files.storage(self.ENVIRON, tmp_path)}
        bucket = storages["attachments"]
        assert type(bucket).__name__ == "S3Storage" and bucket.bucket_name == "desk-files"
        answer = browser.get(made["url"])
        assert answer.status_code == 302
        address = answer["Location"]
        key = Attachment.objects.get().key
        assert address.startswith(f"https://s3.example.com/desk-files/inlay/{key}?")
        assert "X-Amz-Signature=" in address and "X-Amz-Expires=3600" in address
        assert "response-content-type=image%2Fpng" in address
        assert "response-content-disposition=inline" in address
        assert files.origins(self.ENVIRON)[0] == "https://s3.example.com"

    def test_pages_may_show_what_is_in_the_bucket(self, settings, client):
        settings.ATTACHMENT_ORIGINS = ["https://s3.example.com"]
        policy = client.get("/chat/")["Content-Security-Policy"]
        assert "https://s3.example.com" in policy.split("img-src")[1].split(";")[0]


def test_no_log_holds_a_link_that_works(made):
    line = logs.scrub(f"GET {made['url']} and {made['thumbnailUrl']}")
    for link in (made["url"], made["thumbnailUrl"]):
        assert link.split("/")[3] not in line
    assert line.count("[token]") == 2 and made["id"] in line


def test_the_chat_shows_pictures_of_cards_and_nothing_else_of_other_sites(client):
    directives = dict(
        each.split(" ", 1) for each in client.get("/chat/")["Content-Security-Policy"].split("; ")
    )
    assert "https:" in directives["img-src"].split()
    assert not any("https:" in sources.split() for name, sources in directives.items() if name != "img-src")


def test_a_pdf_is_not_put_in_a_sandbox_where_no_browser_shows_one(api):
    answer = browser.get(upload(api, PDF, "a.pdf")["url"])
    assert answer["Content-Security-Policy"] == views.PDF_POLICY
