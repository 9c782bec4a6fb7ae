"""The server as a whole: slow clients, large bodies, forwarded headers, strange requests."""

import socket

import pytest
import requests

from tests import factories
from tests.desk import Desk


def answers(desk: Desk) -> bool:
    return requests.get(f"{desk.url}/healthz", timeout=10).json() == {"status": "ok"}


def drip(desk: Desk, text: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", desk.port))
    client.sendall(text.encode())
    return client


def raw(desk: Desk, request: bytes) -> bytes:
    """Send bytes and return the answer's first line."""
    with socket.create_connection(("127.0.0.1", desk.port), timeout=10) as client:
        client.sendall(request)
        return client.recv(65536).split(b"\r\n", 1)[0]


def test_slow_headers_do_not_hinder_others(desk):
    clients = [drip(desk, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ") for _ in range(300)]
    assert answers(desk)
    for client in clients:
        client.close()


def test_slow_headers_are_cut_off(desk):
    client = drip(desk, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    client.settimeout(30)
    assert b"200" not in client.recv(4096)
    client.close()


def test_slow_bodies_do_not_hinder_others(desk):
    head = "POST /api/tickets/create HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"
    clients = [drip(desk, head) for _ in range(300)]
    assert answers(desk)
    for client in clients:
        client.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_10_mb_is_refused_and_the_desk_lives_on(desk, chunked):
    body = b"x" * 10_000_000
    headers = {"Authorization": f"Bearer {factories.token()}", "Content-Type": "application/json"}
    data = iter([body[:5_000_000], body[5_000_000:]]) if chunked else body
    response = requests.post(f"{desk.url}/api/tickets/create", data=data, headers=headers, timeout=30)
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert answers(desk)


@pytest.mark.parametrize(
    "line",
    [
        b"GET /%ff%fe HTTP/1.1",
        b"GET /api/tickets/list?q=%ff%00 HTTP/1.1",
        b"GET /api/tickets/list?\xff\xfe=1 HTTP/1.1",
        b"GET /api/tickets/list/ HTTP/1.1",
        b"GET //api/tickets/list HTTP/1.1",
        b"GET /api/../api/tickets/list HTTP/1.1",
        b"BREW /api/tickets/list HTTP/1.1",
        b"POST /agent/auth/login HTTP/1.1\r\nContent-Type: multipart/form-data\r\nContent-Length: 0",
        b"GET /api/tickets/list HTTP/1.1\r\nHost: two words",
        b"GET /api/tickets/list HTTP/1.1\r\nAuthorization: Bearer \xff\xfe",
        b"GET /api/tickets/list HTTP/1.1\r\nAuthorization: Bearer \x00",
        b"GET /api/tickets/list HTTP/1.1\r\nCookie: desk_session=\xff; __Host-desk_session=x",
        b"GET /agent/ HTTP/1.1\r\nCookie: desk_session=" + b"a" * 5000,
        b"GET /api/tickets/list HTTP/1.1\r\nX-Request-Id: <script>",
        b"GET /api/tickets/list HTTP/1.1\r\nOrigin: \xff",
    ],
)
def test_a_strange_request_is_answered_but_never_with_a_500(desk, line):
    host = b"" if b"Host:" in line else b"\r\nHost: localhost"
    first = raw(desk, line + host + b"\r\nConnection: close\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 ")
    assert first.split()[1][:1] in (b"2", b"3", b"4"), first


def test_forwarded_headers_of_a_stranger_are_not_believed(desk):
    headers = {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    token = factories.token(allowed_ips=["9.9.9.9"])
    response = requests.get(
        f"{desk.url}/api/tickets/list", headers=headers | {"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert (response.status_code, response.json()["code"]) == (403, "ip_not_allowed")


def test_forwarded_headers_of_a_trusted_proxy_are_believed(transactional_db, tmp_path):
    desk = Desk(tmp_path, TRUSTED_PROXIES="127.0.0.1/32")
    try:
        token = factories.token(allowed_ips=["9.9.9.9"])
        headers = {
            "Authorization": f"Bearer {token}",
            "X-Forwarded-For": "1.1.1.1, 9.9.9.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "desk.example",
        }
        response = requests.get(f"{desk.url}/api/tickets/list", headers=headers, timeout=10)
        assert response.status_code == 200
        assert response.links["first"]["url"] == "https://desk.example/api/tickets/list"
        forged = headers | {"X-Forwarded-For": "9.9.9.9, 1.1.1.1"}
        assert requests.get(f"{desk.url}/api/tickets/list", headers=forged, timeout=10).status_code == 403
    finally:
        desk.stop()


def test_metrics_are_for_this_machine_or_for_the_holder_of_their_token(desk):
    assert b"inlay_events_newest" in requests.get(f"{desk.url}/metrics", timeout=10).content
    through_a_proxy = requests.get(f"{desk.url}/metrics", headers={"X-Forwarded-For": "9.9.9.9"}, timeout=10)
    assert through_a_proxy.status_code == 401


def test_a_desk_that_can_work_says_that_it_is_ready(desk):
    assert requests.get(f"{desk.url}/readyz", timeout=10).json() == {"status": "ready", "problems": []}
