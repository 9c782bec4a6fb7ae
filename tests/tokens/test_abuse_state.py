"""Abuse cases of tokens.md section 7, State (S1 to S12), on a real desk with real connections."""

import http.client
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from api.errors import Problem
from events.models import Event
from tests import factories
from tests.desk import Desk, manage
from tokens import jwt, services
from tokens.models import AccessToken, HandoffSession, State


def call(
    desk: Desk, text: str, path: str = "tickets/list", *, method: str = "GET", body=None
) -> tuple[int, dict]:
    """Call the running desk; return the status and the JSON."""
    wire = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)
    try:
        headers = {"Authorization": f"Bearer {text}", "Content-Type": "application/json"}
        wire.request(method, f"/api/{path}", None if body is None else json.dumps(body), headers)
        answer = wire.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        wire.close()


def verdict(desk: Desk, text: str) -> str:
    status, answer = call(desk, text)
    return "ok" if status == 200 else answer["code"]


def in_parallel(number: int, work) -> list:
    """Run `work(i)` in threads that start together, each with a database connection of its own."""
    together = threading.Barrier(number)

    def one(index: int):
        together.wait()
        try:
            return work(index)
        except Problem as problem:
            return problem.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


class Listener:
    """Reads an event stream of the desk in a thread until it ends."""

    def __init__(self, desk: Desk, text: str) -> None:
        self.wire = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)
        self.wire.request("GET", "/api/events/stream", headers={"Authorization": f"Bearer {text}"})
        self.answer = self.wire.getresponse()
        assert self.answer.status == 200
        self.first = self.answer.readline()
        self.heard, self.ended_at = b"", 0.0
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self) -> None:
        self.heard = self.answer.read()
        self.ended_at = time.monotonic()

    def ended_within(self, seconds: float, since: float) -> bool:
        self.thread.join(max(0.0, since + seconds + 5 - time.monotonic()))
        self.wire.close()
        return bool(self.ended_at) and self.ended_at - since <= seconds


def update(**changes):
    return lambda row: AccessToken.objects.filter(pk=row.pk).update(**changes)


def raw(sql: str):
    def run(row: AccessToken) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, [row.pk])

    return run


A_WEEK_AGO = timezone.now() - timedelta(days=7)


def deactivate(row: AccessToken) -> None:
    type(row.user).objects.filter(pk=row.user_id).update(is_active=False)


ENDINGS = {
    "s1 revoked": (lambda row: services.revoke_token(row=row), "token_revoked"),
    "s2 disabled": (lambda row: services.disable_token(row=row), "token_disabled"),
    "s2 expired": (update(created_at=A_WEEK_AGO, expires_at=timezone.now()), "token_expired"),
    "s3 user inactive": (deactivate, "user_inactive"),
    "s3 user deleted": (lambda row: row.user.delete(), "token_invalid"),
    "s4 raw update": (raw("UPDATE tokens_accesstoken SET state = 'revoked' WHERE id = %s"), "token_revoked"),
    "s4 raw delete": (raw("DELETE FROM tokens_accesstoken WHERE id = %s"), "token_invalid"),
    "s4 no grace": (lambda row: services.rotate_token(row=row, actor=None, grace=0), "token_rotated"),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_s1_to_s4_whatever_ends_a_token_ends_its_calls_at_once_and_its_stream_within_a_second(desk, name):
    end, code = ENDINGS[name]
    text = factories.token(factories.agent())
    listener = Listener(desk, text)
    assert verdict(desk, text) == "ok"
    end(factories.token_row(text))
    changed = time.monotonic()
    assert verdict(desk, text) == code
    assert listener.ended_within(1.0, changed)
    assert b"event: session_ended" in listener.heard


def test_s2_an_enabled_token_works_again_at_once(desk):
    text = factories.token(factories.agent(), disabled=True)
    assert verdict(desk, text) == "token_disabled"
    services.enable_token(row=factories.token_row(text))
    assert verdict(desk, text) == "ok"


def test_s3_a_renamed_user_keeps_its_token_and_a_namesake_gets_nothing(desk):
    person = factories.agent(username="ann")
    text = factories.token(person)
    type(person).objects.filter(pk=person.pk).update(username="anna")
    factories.agent(username="ann")
    _, shown = call(desk, text, "tokens/list")
    assert shown[0]["user"]["username"] == "anna"


def test_s5_a_lost_role_or_scope_narrows_calls_and_streams_at_once(desk):
    boss = factories.admin()
    text = factories.token(boss)
    assert call(desk, text, "tokens/list?user=none")[0] == 200
    type(boss).objects.filter(pk=boss.pk).update(role="agent")
    other = str(factories.token_row(factories.token(factories.agent())).pk)
    assert call(desk, text, f"tokens/{other}")[0] == 404
    services.edit_token(row=factories.token_row(text), actor=None, scopes=["tickets:read"])
    assert call(desk, text, "tokens/list")[1]["code"] == "insufficient_scope"


def test_s5_a_stream_hears_no_more_of_what_its_scope_no_longer_covers(desk):
    text = factories.token(factories.agent())
    row = factories.token_row(text)
    listener = Listener(desk, text)
    services.edit_token(row=row, actor=None, scopes=["tickets:read"])
    time.sleep(0.5)
    services.edit_token(row=row, actor=None, name="secret name")
    services.disable_token(row=row)
    assert listener.ended_within(3.0, time.monotonic())
    assert b"secret name" not in listener.heard


def test_s6_of_sixteen_parallel_rotates_one_wins(transactional_db):
    row = factories.token_row(factories.token(factories.agent()))

    def rotate(_: int) -> str:
        return "won" if services.rotate_token(row=AccessToken(pk=row.pk), actor=None).text else ""

    assert Counter(in_parallel(16, rotate)) == {"won": 1, "token_rotated": 15}
    assert AccessToken.objects.filter(family=row.family, state=State.ACTIVE).count() == 1
    assert Event.objects.filter(type="token.rotate_reuse", object_id=str(row.pk)).count() == 15


def test_s6_of_sixteen_parallel_rotates_of_the_desk_one_wins(desk):
    text = factories.token(factories.agent())
    path = f"tokens/{factories.token_row(text).pk}/rotate"
    answers = in_parallel(16, lambda _: call(desk, text, path, method="POST", body={}))
    assert Counter(status for status, _ in answers) == {200: 1, 401: 15}
    winner = next(answer["accessToken"] for status, answer in answers if status == 200)
    assert verdict(desk, winner) == verdict(desk, text) == "ok"


def test_s7_a_rotated_token_works_in_its_grace_and_not_after(desk):
    text = factories.token(factories.agent())
    row = factories.token_row(text)
    services.rotate_token(row=row, actor=None, grace=3600)
    assert verdict(desk, text) == "ok"
    AccessToken.objects.filter(pk=row.pk).update(grace_until=timezone.now())
    assert verdict(desk, text) == "token_rotated"


def test_s8_of_many_parallel_uses_of_a_one_time_token_one_succeeds(transactional_db):
    parent = factories.token_row(factories.token(factories.agent()))
    child = services.issue_one_time(parent=parent, surface="agent").row
    assert Counter(in_parallel(16, lambda _: services.consume_one_time(token_id=child.pk))) == {
        True: 1,
        False: 15,
    }


def login(desk: Desk, text: str) -> int:
    wire = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)
    try:
        wire.request("GET", f"/agent/auth/login?accessToken={text}", headers={"Accept": "text/html"})
        return wire.getresponse().status
    finally:
        wire.close()


def test_s8_of_many_parallel_logins_with_a_one_time_token_one_succeeds_and_a_replay_fails(desk):
    parent = factories.token_row(factories.token(factories.agent()))
    text = services.issue_one_time(parent=parent, surface="agent").text
    answers = Counter(in_parallel(12, lambda _: login(desk, text)))
    assert answers == {302: 1, 401: 11}
    assert login(desk, text) == 401
    assert HandoffSession.objects.get().token_id == parent.pk


def test_s9_a_one_time_token_ends_with_its_parent(desk):
    parent = factories.token_row(factories.token(factories.agent()))
    text = services.issue_one_time(parent=parent, surface="agent").text
    services.disable_token(row=parent)
    assert login(desk, text) == 401
    assert verdict(desk, text) == "token_disabled"
    services.enable_token(row=parent)
    assert login(desk, text) == 302


def test_s10_a_key_that_was_removed_kills_its_tokens(agent, monkeypatch):
    text = factories.token(agent)
    monkeypatch.setattr(settings, "ACCESS_TOKEN_KEYS", {"new": b"n" * 64})
    jwt.keys_by_header.cache_clear()
    jwt.signing_backend.cache_clear()
    try:
        with pytest.raises(Problem) as caught:
            jwt.verify(text)
        assert caught.value.code == "token_invalid"
        assert jwt.verify(factories.token(agent)).jti
    finally:
        monkeypatch.undo()
        jwt.keys_by_header.cache_clear()
        jwt.signing_backend.cache_clear()


def test_s10_an_older_key_verifies_and_the_first_signs(agent, monkeypatch):
    text = factories.token(agent)
    monkeypatch.setattr(settings, "ACCESS_TOKEN_KEYS", {"new": b"n" * 64} | settings.ACCESS_TOKEN_KEYS)
    jwt.keys_by_header.cache_clear()
    jwt.signing_backend.cache_clear()
    try:
        assert jwt.verify(text).jti and jwt.verify(factories.token(agent)).jti
        assert factories.token(agent).split(".")[0] != text.split(".")[0]
    finally:
        monkeypatch.undo()
        jwt.keys_by_header.cache_clear()
        jwt.signing_backend.cache_clear()


def test_s11_no_secret_is_in_the_database(desk):
    person = factories.agent()
    text = factories.token(person)
    row = factories.token_row(text)
    child = services.issue_one_time(parent=row, surface="agent").text
    key = {"Authorization": f"Bearer {text}", "Idempotency-Key": "k", "Content-Type": "application/json"}
    wire = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)
    wire.request("POST", f"/api/tokens/{row.pk}/rotate", "{}", key)
    successor = json.loads(wire.getresponse().read())["accessToken"]
    wire.close()
    assert login(desk, child) == 302
    everything = dump()
    for secret in (text, child, successor):
        assert secret not in everything and secret.split(".")[2] not in everything
        assert jwt.hash_of(secret).hex() in everything  # the search would find what is there
    assert text not in desk.log.read_text()


def dump() -> str:
    """Return every row of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [text for (text,) in cursor.fetchall()]
    blobs = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_idempotentanswer")
        blobs = [bytes(body).decode() for (body,) in cursor.fetchall()]
    return "\n".join([*rows, *blobs])


def test_s12_a_token_disabled_under_load_lets_no_later_request_pass(desk):
    """50 requests a second; none that began after the command returned gets through, and the stream is
    over.
    """
    text = factories.token(factories.agent())
    listener = Listener(desk, text)
    answers: list[tuple[float, int]] = []
    over = threading.Event()

    def load(number: int) -> None:
        while not over.is_set():
            begun = time.monotonic()
            answers.append((begun, call(desk, text)[0]))
            time.sleep(max(0.0, 0.1 - (time.monotonic() - begun)))

    loaders = [threading.Thread(target=load, args=(number,)) for number in range(5)]
    for loader in loaders:
        loader.start()
    time.sleep(1)
    done = manage("disable_token", given=f"{text}\n")
    returned = time.monotonic()
    time.sleep(1)
    over.set()
    for loader in loaders:
        loader.join()
    assert done.returncode == 0, done.stderr
    assert listener.ended_within(1.0, returned)
    after = [status for begun, status in answers if begun >= returned]
    assert len(after) >= 10 and set(after) <= {401, 429}  # the same failure again and again is throttled
    assert {200, 401} <= {status for _, status in answers}


def test_s12_the_database_that_is_down_opens_nothing(agent, api, monkeypatch):
    from django.db import OperationalError

    def down(*arguments):
        raise OperationalError("the database is down")

    monkeypatch.setattr("tokens.rows._fetch", down)
    response = api.get("tickets/list")
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response["Retry-After"]
