"""Uploads on a real server: their own limit at their own addresses, and no more of them at once than fit."""

import socket
import time

import pytest
import requests

from messaging.models import Attachment
from tests import factories
from tests.desk import Desk
from tests.messaging.uploads import png


def send(desk: Desk, content: bytes, token: str, path: str = "attachments/create", **options):
    return requests.post(
        f"{desk.url}/api/{path}",
        files={"file": ("a.png", content, "image/png")},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
        **options,
    )


@pytest.fixture
def token(desk) -> str:
    return factories.token(factories.agent(), allow_no_origin=True)


def test_a_file_of_some_megabytes_arrives_whole_and_is_given_out_in_parts(desk, token):
    content = png() + bytes(range(256)) * 4 * 6000  # 6 MB behind a small picture
    answer = send(desk, content, token)
    assert answer.status_code == 200, answer.text
    link = desk.url + answer.json()["url"]
    assert requests.get(link, timeout=30).content == content
    part = requests.get(link, headers={"Range": "bytes=1000000-1000009"}, timeout=30)
    assert (part.status_code, part.content) == (206, content[1_000_000:1_000_010])
    head = requests.head(link, timeout=30)
    assert head.headers["Content-Length"] == str(len(content))


def test_a_body_that_is_sent_in_chunks_is_read_too(desk, token):
    boundary = b"--x\r\nContent-Disposition: form-data; name=file; filename=a.png\r\n\r\n"
    whole = boundary + png() + b"\r\n--x--\r\n"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=x"}
    parts = iter([whole[:40], whole[40:]])
    answer = requests.post(f"{desk.url}/api/attachments/create", data=parts, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("chunked", [False, True])
def test_more_than_the_limit_is_refused(desk, token, chunked):
    content = bytes(26 * 1024 * 1024)
    if chunked:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=x"}
        parts = iter([content[: 13 * 1024 * 1024]] * 2)
        answer = requests.post(f"{desk.url}/api/attachments/create", data=parts, headers=headers, timeout=60)
    else:
        answer = send(desk, content, token)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert not Attachment.objects.exists()


def test_other_addresses_keep_their_limit(desk, token):
    for path in ("messages/send", "attachments/create/", "tickets/create"):
        assert send(desk, bytes(2_000_000), token, path).json()["code"] == "body_too_large"


def test_the_file_of_nobody_is_not_read(desk):
    head = "POST /api/attachments/create HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as client:
        client.sendall(head.encode())
        assert client.recv(65536).startswith(b"HTTP/1.1 401")


def begin(desk: Desk, bearer: str, source: str = "127.0.0.1") -> socket.socket:
    """Begin an upload from an address of this machine, and send none of its file."""
    head = f"POST /api/attachments/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\n"
    client = socket.create_connection(("127.0.0.1", desk.port), source_address=(source, 0))
    client.sendall((head + "Content-Length: 900000\r\n\r\n").encode())
    return client


def test_one_address_holds_its_share_of_the_places_and_nobody_else_is_kept_out(transactional_db, tmp_path):
    """Of eight places one address has two; who shows no credential of this desk holds none."""
    token = factories.token(factories.agent(), allow_no_origin=True)
    desk = Desk(tmp_path, UPLOADS_AT_ONCE="8", WORKERS="1")
    try:
        held = [begin(desk, "x") for _ in range(8)]
        held += [begin(desk, "vst_" + "0" * 32 + "_forged") for _ in range(8)]
        time.sleep(0.5)
        assert send(desk, png(), token).status_code == 200
        slow = [begin(desk, token) for _ in range(2)]
        time.sleep(0.5)
        answer = send(desk, png(), token)
        assert (answer.status_code, answer.json()["code"]) == (503, "uploads_busy")
        assert answer.headers["Retry-After"] == "5"
        elsewhere = begin(desk, token, "127.0.0.2")
        elsewhere.settimeout(0.5)
        with pytest.raises(TimeoutError):  # it has a place, and the desk waits for its file
            elsewhere.recv(1)
        assert requests.get(f"{desk.url}/healthz", timeout=10).status_code == 200
        for client in slow:
            client.close()
        time.sleep(0.5)
        assert send(desk, png(), token).status_code == 200
        for client in (*held, elsewhere):
            client.close()
    finally:
        desk.stop()
