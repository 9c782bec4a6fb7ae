"""What Django's and our own checks say of an installation."""

import os
import secrets
import subprocess
import sys

import pytest

from tests.desk import ROOT, database_url, environment

PRODUCTION = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "desk.example.com",
    "TRUSTED_PROXIES": "127.0.0.1/32",
}


def check(**settings: str) -> str:
    """Return what `manage.py check --deploy` prints under these settings."""
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    found = subprocess.run(
        command, cwd=ROOT, env=environment(**settings), capture_output=True, text=True, check=False
    )
    return found.stdout + found.stderr


@pytest.mark.django_db
def test_production_settings_leave_nothing_to_say():
    assert "no issues" in check(**PRODUCTION)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("ALLOWED_HOSTS", "*", "tokens.W005"),
        ("TRUSTED_PROXIES", "", "tokens.W004"),
        ("SECRET_KEY", "short", "security.W009"),
    ],
)
def test_what_a_production_desk_should_not_do_is_said(setting, value, code):
    assert code in check(**PRODUCTION | {setting: value})


@pytest.mark.django_db
def test_no_migration_is_missing():
    command = [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
    env = os.environ | {"DATABASE_URL": database_url()}
    found = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout
