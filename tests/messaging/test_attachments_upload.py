"""Sending a file in: what it is by its bytes, how large it may be, what it is called, what is kept."""

import hashlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from messaging.files import kinds, names, pictures, stored
from messaging.models import Attachment, DiscardedFile
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import as_user
from tests.messaging.uploads import EXE, HTML, PDF, SVG, form, picture, png, upload

pytestmark = pytest.mark.django_db


def refused(api, content: bytes, name: str = "a.png") -> str:
    response = api.post("attachments/create", **form(content, name))
    assert response.status_code in (400, 413), response.content
    assert not DiscardedFile.objects.exists()
    return response.json().get("errors", [{"code": response.json()["code"]}])[0]["code"]


def test_what_comes_back_is_the_attachment_of_the_contract(api, agent):
    content = png(800, 400)
    made = upload(api, content, "截图 1.png")
    stored_row = Attachment.objects.get(pk=made["id"])
    assert set(made) == {
        "id", "uid", "name", "size", "contentType", "width", "height", "url", "thumbnailUrl",
    }  # fmt: skip
    assert (made["name"], made["size"], made["contentType"]) == ("截图 1.png", len(content), "image/png")
    assert (made["width"], made["height"]) == (800, 400)
    assert (stored_row.user, stored_row.sha256) == (agent, hashlib.sha256(content).hexdigest())
    assert stored.storage().open(stored_row.key).read() == content
    assert not DiscardedFile.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (png(), "photo.exe", "image/png"),
        (picture("JPEG"), "x", "image/jpeg"),
        (picture("GIF"), "a.gif", "image/gif"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (PDF, "a.txt", "application/pdf"),
        (b"ID3\x03" + bytes(50), "a.mp3", "audio/mpeg"),
        (b"\0\0\0\x18ftypmp42" + bytes(50), "a.mp4", "video/mp4"),
        (b"\0\0\0\x18ftypM4A " + bytes(50), "a.m4a", "audio/mp4"),
        (b"\x1aE\xdf\xa3\x01webm" + bytes(50), "a.webm", "video/webm"),
        (b"RIFF\0\0\0\0WAVEfmt " + bytes(50), "a.wav", "audio/wav"),
        (b"OggS\0\x02" + bytes(50), "a.ogg", "audio/ogg"),
        (b"PK\x03\x04" + bytes(40) + b"word/document.xml", "a.docx", kinds.WORD),
        (b"PK\x03\x04" + bytes(80), "a.zip", "application/zip"),
        (kinds.COMPOUND + bytes(600), "old.xls", "application/vnd.ms-excel"),
        ("你好，世界".encode(), "说明", "text/plain"),
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        (b"BM is not a picture", "a.bmp", "text/plain"),
    ],
)
def test_the_type_is_what_the_bytes_say(api, content, name, kind):
    assert upload(api, content, name, "application/x-whatever")["contentType"] == kind


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (EXE, "photo.png"),
        (b"\x7fELF" + bytes(100), "a.pdf"),
        (b"#!/bin/sh\nrm -rf /\n", "notes.txt"),
        (HTML, "a.txt"),
        (b"  <script>alert(1)</script>", "a.txt"),
        (b"<b>hello</b>", "a.html"),
        (SVG, "a.png"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "a.xhtml"),
        (b"alert(1)", "a.js"),
        (b"PK\x03\x04" + bytes(40) + b"META-INF/MANIFEST.MF", "a.zip"),
        (b"PK\x03\x04" + bytes(40) + b"word/document.xml word/vbaProject.bin", "a.docx"),
        (kinds.COMPOUND + bytes(600), "setup.msi"),
        (bytes(range(256)) * 4, "a.bin"),
    ],
)
def test_what_runs_or_is_unknown_is_not_taken_whatever_it_is_called(api, content, name):
    assert refused(api, content, name) == "type_not_allowed"


def test_an_admin_may_admit_a_page_by_its_own_name_only(api, admin):
    change_settings(group="chat", values={"attachmentTypes": ["*/*"]}, actor=admin)
    forget_kept()
    assert refused(api, HTML, "a.html") == "type_not_allowed"
    change_settings(group="chat", values={"attachmentTypes": ["text/html"]}, actor=admin)
    forget_kept()
    assert upload(api, HTML, "a.html")["contentType"] == "text/html"
    assert refused(api, png()) == "type_not_allowed"


def test_a_setting_that_is_no_list_of_types_is_refused(admin_api):
    answer = admin_api.put("settings/chat", {"attachmentTypes": ["image/*", "png"]})
    assert answer.status_code == 400 and "png" in answer.json()["errors"][0]["detail"]


def test_an_empty_file_and_one_that_is_too_large_are_refused(api, admin, settings):
    assert refused(api, b"") == "blank"
    change_settings(group="chat", values={"attachmentMegabytes": 1}, actor=admin)
    forget_kept()
    assert refused(api, png() + bytes(1024 * 1024)) == "body_too_large"
    assert refused(api, bytes(settings.UPLOAD_LIMIT + 100_000)) == "body_too_large"


A, B = (SimpleUploadedFile(name, b"x") for name in "ab")


@pytest.mark.parametrize(
    "data", [{}, {"file": "text"}, {"other": A}, {"file": A, "note": "x"}, {"file": [A, B]}]
)
def test_any_other_form_is_refused_by_field(api, data):
    answer = api.post("attachments/create", data, content_type=None)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_failed")


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"{}", "application/json", "unsupported_media_type"),
        (b"nonsense", "multipart/form-data; boundary=x", "validation_failed"),
        (b"nonsense", "multipart/form-data", "bad_request"),
        (b"--x\r\nContent-Disposition: form-data; name=file; filename", "multipart/form-data; boundary=x",
         "validation_failed"),
        (b"\xff\xfe\x00", "multipart/form-data; boundary=\xff", "bad_request"),
    ],
)  # fmt: skip
def test_what_is_no_form_gets_an_answer(api, body, kind, code):
    answer = api.post("attachments/create", body, content_type=kind)
    assert answer.json()["code"] == code and answer.status_code in (400, 415)


class TestPictures:
    def test_a_picture_is_as_large_as_it_is_shown_and_its_thumbnail_stands_upright(self, api):
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by 90 degrees
        exif[0x010E] = "SECRET PLACE"
        made = upload(api, picture("JPEG", 1600, 800, exif=exif.tobytes()), "a.jpg")
        assert (made["width"], made["height"]) == (800, 1600)
        content = stored.storage().open(stored.thumbnail_key(Attachment.objects.get().key)).read()
        with Image.open(BytesIO(content)) as thumbnail:
            assert thumbnail.size == (320, 640)
            assert not thumbnail.getexif() and b"SECRET" not in content

    def test_an_animated_gif_keeps_its_frames_and_has_a_still_thumbnail(self, api):
        frames = [Image.new("P", (50, 40), number) for number in range(30)]
        written = BytesIO()
        frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
        made = upload(api, written.getvalue(), "a.gif")
        assert (made["width"], made["height"]) == (50, 40)
        row = Attachment.objects.get()
        assert row.size == len(written.getvalue())
        with Image.open(stored.storage().open(stored.thumbnail_key(row.key))) as thumbnail:
            assert getattr(thumbnail, "n_frames", 1) == 1

    @pytest.mark.parametrize("how", ["cut", "garbled", "only a head", "a bomb", "a long one"])
    def test_a_broken_picture_or_a_bomb_is_an_ordinary_file(self, api, how, monkeypatch):
        content = png(300, 300)
        if how == "a bomb":  # 2,500 million pixels in 3 megabytes would be 10 GB
            monkeypatch.setattr(pictures, "PIXELS", 300 * 300 - 1)
        elif how == "a long one":
            monkeypatch.setattr(pictures, "SIDE", 299)
        else:
            content = {"cut": content[:-40], "garbled": content[:60] + b"x" * 90, "only a head": content[:8]}[
                how
            ]
        made = upload(api, content)
        assert made["contentType"] == "image/png"
        assert (made["width"], made["height"], made["thumbnailUrl"]) == (None, None, None)

    def test_a_small_file_that_unfolds_to_more_than_20_million_pixels_is_not_decoded(self, api):
        written = BytesIO()
        Image.new("1", (5000, 4001)).save(written, "PNG")
        assert len(written.getvalue()) < 10_000
        made = upload(api, written.getvalue())
        assert (made["width"], made["height"], made["thumbnailUrl"]) == (None, None, None)

    def test_a_picture_that_comes_while_others_are_decoded_is_an_ordinary_file(self, api, monkeypatch):
        monkeypatch.setattr(pictures, "WAIT", 0.05)
        with pictures._decoding:
            made = upload(api, png())
        assert (made["contentType"], made["width"], made["thumbnailUrl"]) == ("image/png", None, None)
        assert upload(api, png())["thumbnailUrl"]

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
    def test_pictures_of_every_mode_have_thumbnails(self, api, mode):
        written = BytesIO()
        Image.new(mode, (30, 20)).save(written, "JPEG" if mode == "CMYK" else "PNG")
        assert upload(api, written.getvalue())["thumbnailUrl"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ('a"b\'c.png', "a_b'c.png"),
        ("a\r\nSet-Cookie: x=1.png", "a Set-Cookie_ x=1.png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("\u200bx\ufeff.png", "x.png"),
        ("报告（终稿）.pdf", "报告（终稿）.pdf"),
        ("مرحبا.pdf", "مرحبا.pdf"),
        ("cafe\u0301.png", "café.png"),
        ("...", "file"),
        ("", "file"),
        (" . ", "file"),
        ("con.txt", "_con.txt"),
        ("a" * 500 + ".jpeg", "a" * 145 + ".jpeg"),
        ("\ud83d.png", "png"),
    ],
)  # fmt: skip
def test_nothing_in_a_name_misleads(given, name):
    assert names.clean(given) == name


@pytest.mark.parametrize(
    ("content", "given", "name"),
    [
        (png(), "photo.hta", "photo.hta.png"),
        (png(), "photo.PNG", "photo.PNG"),
        (picture("JPEG"), "a.jpeg", "a.jpeg"),
        (b"hello", "run.bat", "run.bat.txt"),
        (b"hello", "README", "README.txt"),
        (PDF, "x.js", "x.js.pdf"),
    ],
)
def test_a_name_ends_as_its_content_does(api, content, given, name):
    assert upload(api, content, given)["name"] == name


def test_a_token_needs_the_scope_and_nobody_uploads_without_one(agent, client):
    reading = as_user(agent, scope_names=["messages:read"])
    assert reading.post("attachments/create", **form(png())).json()["code"] == "insufficient_scope"
    assert client.post("/api/attachments/create").status_code == 401


class TestWhoMayAsk:
    def test_what_is_not_sent_is_its_uploaders_own(self, api, admin_api):
        made = upload(api, png())
        assert api.get(f"attachments/{made['id']}").json() == made
        assert admin_api.get(f"attachments/{made['id']}").status_code == 404
        for odd in ("x", factories.agent().pk):
            assert api.get(f"attachments/{odd}").status_code == 404
