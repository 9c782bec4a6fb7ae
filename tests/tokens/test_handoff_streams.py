"""The streams of a handoff session end with it: a real desk, whose trigger tells of every change (tokens.md
section 4).
"""

import http.client
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from tests import factories

PATIENCE = 10.0  # seconds without a byte after which a stream counts as still open; heartbeats come each 15


class Tab:
    """A page of the desk whose browser keeps no cookie: it claims a bearer and opens the stream with it."""

    def __init__(self, desk, token: str) -> None:
        self.host = f"127.0.0.1:{desk.port}"
        login = self.call("GET", f"/agent/auth/login?accessToken={token}")
        place = urlsplit(login.getheader("Location"))
        body = {"handle": parse_qs(place.query)["h"][0], "code": parse_qs(place.fragment)["hs"][0]}
        claim = self.call("POST", "/auth/handoff/claim", json.dumps(body), Origin=desk.url)
        self.bearer = {"Authorization": f"Bearer {json.loads(claim.read())['bearer']}"}

    def call(self, method: str, path: str, body: str | None = None, **headers: str):
        connected = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        connected.request(method, path, body, headers | {"Content-Type": "application/json"})
        return connected.getresponse()

    def stream(self):
        response = self.call("GET", "/api/events/stream", **self.bearer)
        assert response.status == 200 and response.readline()
        return response


def ends(stream) -> bool:
    """Whether a stream is closed by the desk; raises TimeoutError when it stays open."""
    while stream.read1(4096):
        pass
    return True


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tokens_accesstoken SET state = 'disabled'",
        "UPDATE accounts_user SET is_active = false",
        "UPDATE tokens_handoffsession SET ended_at = now()",
        "DELETE FROM tokens_handoffsession",
    ],
)
def test_raw_sql_ends_the_stream_of_a_tab(desk, sql):
    """Case 7.2: change by raw SQL while a stream is open."""
    tab = Tab(desk, factories.token())
    stream = tab.stream()
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert ends(stream)
    assert tab.call("GET", "/api/tickets/list", **tab.bearer).status == 401


def test_signing_out_ends_the_stream(desk):
    tab = Tab(desk, factories.token())
    stream = tab.stream()
    assert tab.call("POST", "/auth/handoff/logout", **tab.bearer, Origin=desk.url).status == 200
    assert ends(stream)


def test_no_token_bearer_or_code_reaches_the_log(desk):
    """Case 7.5: canary scan of the handoff."""
    token = factories.token()
    tab = Tab(desk, token)
    tab.call("GET", f"/nothing?accessToken={token}")
    tab.call("GET", f"/agent/auth/login?accessToken={token}x")
    log = desk.log.read_text()
    assert token not in log and token.rpartition(".")[2] not in log
    assert tab.bearer["Authorization"].removeprefix("Bearer ") not in log
