"""Keys of the installation, and what never reaches a log."""

import json
import logging
import stat
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import database, keys, logs
from tests import factories

KEY = "A" * 64


def test_keys_are_made_once_and_only_the_owner_reads_them(tmp_path, monkeypatch):
    monkeypatch.delenv("ACCESS_TOKEN_KEYS", raising=False)
    first = keys.access_token_keys(tmp_path / "new")
    assert keys.access_token_keys(tmp_path / "new") == first
    mode = (tmp_path / "new" / "access_token_keys.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_two_first_starts_agree_on_one_key(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(keys.secret_key(tmp_path))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1


@pytest.mark.parametrize("text", ["", "[]", "{}", "x", '{"k": "short"}', '{"k": 5}'])
def test_keys_that_are_none_are_refused(tmp_path, monkeypatch, text):
    monkeypatch.setenv("ACCESS_TOKEN_KEYS", text or " ")
    with pytest.raises(ImproperlyConfigured):
        keys.access_token_keys(tmp_path)


def test_the_first_key_signs(tmp_path, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN_KEYS", json.dumps({"new": KEY, "old": "B" * 64}))
    assert list(keys.access_token_keys(tmp_path)) == ["new", "old"]


@pytest.mark.django_db
def test_no_log_line_holds_a_token():
    token = factories.token()
    formatter = logs.ScrubbingFormatter("%(message)s")
    for text in (
        f"GET /agent/auth/login?accessToken={token}&lang=en",
        f"Authorization: Bearer {token}",
        "Bearer dts_0123456789abcdef",
        "/agent/?h=abc#hs=0123456789",
    ):
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "%s", (text,), None)
        line = formatter.format(record)
        assert "[token]" in line
        assert token not in line
        assert "0123456789" not in line


def test_a_database_url_is_read_as_libpq_reads_it():
    entry = database.configuration("postgresql://me:p%40ss@db.example:6432/desk?sslmode=require")
    assert (entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"], entry["NAME"]) == (
        "me", "p@ss", "db.example", "6432", "desk",
    )  # fmt: skip
    assert entry["OPTIONS"]["sslmode"] == "require"
    assert database.configuration("", pgbouncer=True)["OPTIONS"] == {}
