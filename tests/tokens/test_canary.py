"""Known tokens are used everywhere, then searched for in everything the desk keeps."""

import base64
import json

import requests
from django.db import connection

from tests import factories
from tokens import usage

TABLES = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"""


def everything_kept() -> str:
    """Return every row of every table as text, and what base64 in them hides: a dump of the database."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        kept = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            kept += [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT session_data FROM django_session")
        kept += [repr(row[0].encode()) for row in cursor.fetchall()]
        cursor.execute("SELECT convert_from(body, 'UTF8') FROM api_idempotentanswer")
        kept += [row[0] for row in cursor.fetchall()]
    return "\n".join(kept)


def test_no_token_is_in_a_dump_or_on_a_page(desk):
    owner = factories.admin()
    token = factories.token(owner)
    signature = token.rsplit(".", 1)[1]
    bearer = {"Authorization": f"Bearer {token}"}
    navigation = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    for surface in ("agent", "admin"):
        url = f"{desk.url}/{surface}/auth/login?accessToken={token}"
        session = requests.Session()
        pages = session.get(url, headers=navigation, timeout=20)
        for page in [pages, *pages.history]:
            assert signature not in page.url or page in pages.history
            assert signature not in page.text
            assert signature not in page.headers.get("Location", "")
        session.get(f"{desk.url}/{surface}/", timeout=20)
    key = bearer | {"Idempotency-Key": "canary-1"}
    made = requests.post(f"{desk.url}/api/tokens/create", json={"name": "canary"}, headers=key, timeout=20)
    issued = made.json()["accessToken"]
    assert made.status_code == 200
    requests.post(f"{desk.url}/api/tickets/create", json={"title": "x"}, headers=bearer, timeout=20)
    requests.get(f"{desk.url}/api/tickets/list?accessToken={token}", headers=bearer, timeout=20)
    requests.get(f"{desk.url}/api/tickets/list", headers={"Authorization": f"Basic {token}"}, timeout=20)
    usage.flush()
    kept = everything_kept()
    for secret in (token, issued):
        assert secret not in kept
        assert secret.rsplit(".", 1)[1] not in kept
        assert base64.b64encode(secret.encode()).decode()[:60] not in kept
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["jti"] in kept
