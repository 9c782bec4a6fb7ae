"""Signing in with a password: what it costs the machine."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from accounts.backends import UsernameOrEmailBackend
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_a_flood_of_sign_ins_checks_two_passwords_at_a_time(monkeypatch):
    factories.agent(username="ann", password=factories.PASSWORD)
    running, most, lock = [0], [0], threading.Lock()
    real = Argon2PasswordHasher.verify

    def counted(self, password, encoded):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        try:
            return real(self, password, encoded)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(Argon2PasswordHasher, "verify", counted)

    def sign_in(number: int) -> bool:
        try:
            given = factories.PASSWORD if number % 2 else "wrong"
            return UsernameOrEmailBackend().authenticate(None, "ann", given) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sign_in, range(8))) == [False, True] * 4
    assert 1 <= most[0] <= 2
