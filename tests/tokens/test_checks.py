"""`manage.py check --deploy` finds what makes tokens, frames or sessions weaker, and the jobs are on the
timetable.
"""

import pytest

from tokens import checks

PRODUCTION = {"TRUSTED_PROXIES": ["10.0.0.1"], "ALLOWED_HOSTS": ["desk.example"]}


@pytest.fixture
def production(settings):
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    return settings


def found() -> list[str]:
    return [each.id for each in checks.check_tokens(None)]


def test_production_settings_are_silent(production):
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ACCESS_TOKEN_KEYS", {"a": b"short"}, "tokens.E001"),
        ("ACCESS_TOKEN_KEYS", {"a": b"k" * 48, "b": b"k" * 48}, "tokens.E002"),
        ("TRUSTED_PROXIES", [], "tokens.W004"),
        ("ALLOWED_HOSTS", ["*"], "tokens.W005"),
        ("MIDDLEWARE", [checks.XFO], "tokens.E006"),
        ("SECURE_REFERRER_POLICY", "no-referrer", "tokens.E007"),
        ("SECURE_REFERRER_POLICY", ["same-origin", "no-referrer"], "tokens.E007"),
        ("CSRF_USE_SESSIONS", False, "tokens.E008"),
        ("CORS_ALLOW_ALL_ORIGINS", True, "tokens.E009"),
        ("CORS_ALLOWED_ORIGINS", ["https://a.example"], "tokens.E009"),
        ("CORS_ALLOW_CREDENTIALS", True, "tokens.E010"),
    ],
)
def test_each_weakness_is_found(production, name, value, code):
    setattr(production, name, value)
    assert found() == [code]


def test_a_key_that_is_the_secret_key_is_found(production):
    production.SECRET_KEY = "s" * 64
    production.ACCESS_TOKEN_KEYS = {"a": b"s" * 64}
    assert found() == ["tokens.E002"]


def test_an_old_pyjwt_is_found(production, monkeypatch):
    monkeypatch.setattr(checks, "version", lambda name: "2.8.0")
    assert found() == ["tokens.E003"]


@pytest.mark.django_db
def test_the_jobs_are_on_the_timetable_and_run():
    from procrastinate.contrib.django import app

    from tokens import tasks

    periodic = {each.task.name for each in app.periodic_registry.periodic_tasks.values()}
    for job in (
        tasks.record_expired_tokens,
        tasks.send_expiry_notices,
        tasks.disable_idle_tokens,
        tasks.clean_up_tokens,
    ):
        assert job.name in periodic
        job(timestamp=0)
