"""The event stream: live, resumable, complete, and over when its token is."""

import asyncio
import socket
import subprocess
import threading
import time
from functools import partial

import pytest
import requests
from django.db import connection, transaction
from django.utils import timezone

from events.barrier import wait_for_hubs
from events.models import Event
from events.services import record
from tests import factories, streams
from tests.desk import Desk, free_port
from tests.streams import StreamReader, settle, until, with_own_connection
from tokens.models import AccessToken, State

NOTED = "ticket.noted"
listen = partial(streams.listen, only=NOTED)


def note(text: str = "", audience=("tickets/staff",)) -> None:
    with transaction.atomic():
        record(NOTED, object_id="1", audience=audience, data={"text": text})


def notes(number: int) -> None:
    for each in range(number):
        note(str(each))


def texts(stream: StreamReader) -> list[str]:
    return [event["data"]["text"] for event in stream.events]


def test_a_stream_brings_what_happens(desk):
    stream = listen(desk.url, factories.token(), lambda: notes(3), until=3)
    assert stream.headers["content-type"] == "text/event-stream"
    assert texts(stream) == ["0", "1", "2"]


def test_a_stream_resumes_without_a_gap_or_a_double(desk):
    token = factories.token()
    first = listen(desk.url, token, lambda: notes(2), until=2)
    notes(3)
    second = listen(desk.url, token, lambda: note("live"), until=4, last=first.events[-1]["id"])
    assert texts(second) == ["0", "1", "2", "live"]


def test_a_stream_brings_only_what_its_caller_may_see(desk):
    team, other = factories.team(), factories.team()
    member = factories.agent(teams=[team])

    def happen() -> None:
        note("foreign", [f"tickets/team:{other.pk}", "tickets/all"])
        note("own", [f"tickets/team:{team.pk}", "tickets/all"])
        note("messages", ["messages/staff"])
        note("end", ["tickets/noteam"])

    stream = listen(
        desk.url, factories.token(member, scope_names=["events:read", "tickets:read"]), happen, until=2
    )
    assert texts(stream) == ["own", "end"]


def test_300_streams_get_every_event_in_order(desk):
    token = factories.token()

    async def run() -> list[StreamReader]:
        streams = [await StreamReader(desk.url, token, only=NOTED).open() for _ in range(300)]
        reading = [asyncio.create_task(each.read(until=40, seconds=60)) for each in streams]
        await asyncio.to_thread(with_own_connection, lambda: notes(40))
        await asyncio.gather(*reading)
        for each in streams:
            each.close()
        return streams

    expected = [str(number) for number in range(40)]
    assert all(texts(stream) == expected for stream in asyncio.run(run()))


@pytest.mark.parametrize(
    "change",
    [
        lambda row: AccessToken.objects.filter(pk=row.pk).update(state=State.DISABLED),
        lambda row: row.delete(),
        lambda row: row.user.__class__.objects.filter(pk=row.user_id).update(is_active=False),
        lambda row: connection.cursor().execute("UPDATE tokens_accesstoken SET state = 'revoked'"),
        lambda row: AccessToken.objects.filter(pk=row.pk).update(scopes=["tickets:read"]),
        lambda row: AccessToken.objects.filter(pk=row.pk).update(domains=["example.com"]),
    ],
    ids=["disabled", "deleted", "user inactive", "raw SQL", "scope lost", "domains edited"],
)
def test_a_stream_ends_within_a_second_of_its_right(desk, change):
    token = factories.token()
    row = factories.token_row(token)
    changed_at = 0.0

    def lose() -> None:
        nonlocal changed_at
        change(row)
        assert wait_for_hubs()
        changed_at = time.monotonic()
        note("secret")

    stream = listen(desk.url, token, lose, until=1, seconds=5)
    assert stream.ended
    assert stream.ended != "closed"
    assert texts(stream) == []


def test_a_stream_ends_when_its_token_expires(desk):
    token = factories.token(expires_in=2)
    stream = listen(desk.url, token, lambda: None, until=1, seconds=8)
    assert stream.ended == "token_expired"


def test_rights_gained_and_lost_change_an_open_stream(desk):
    team = factories.team()
    member = factories.agent()

    def happen() -> None:
        note("before", [f"tickets/team:{team.pk}"])
        settle()
        member.teams.add(team)
        wait_for_hubs()
        note("as a member", [f"tickets/team:{team.pk}"])
        settle()
        member.teams.remove(team)
        wait_for_hubs()
        note("after", [f"tickets/team:{team.pk}"])
        note("end")

    stream = listen(desk.url, factories.token(member), happen, until=2)
    assert texts(stream) == ["as a member", "end"]


def test_a_reader_that_does_not_read_is_cut_off_and_hurts_nobody(desk):
    token = factories.token()
    lazy = socket.create_connection(("127.0.0.1", desk.port))
    lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    head = [
        "GET /api/events/stream HTTP/1.1",
        "Host: x",
        "Connection: close",
        f"Authorization: Bearer {token}",
    ]
    lazy.sendall("\r\n".join([*head, "", ""]).encode())

    def much() -> None:
        for number in range(120):
            note(f"{number}:" + "x" * 60_000)

    stream = listen(desk.url, token, much, until=120, seconds=60)
    assert [text.split(":")[0] for text in texts(stream)] == [str(number) for number in range(120)]
    lazy.settimeout(10)
    received = 0
    try:
        while chunk := lazy.recv(1 << 20):
            received += len(chunk)
    except OSError:
        pass
    lazy.close()
    assert received < 120 * 60_000


def test_a_stream_survives_the_loss_of_its_listening_connection(desk):
    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name IN ('inlay-listen', 'inlay-hub') AND datname = current_database()"
            )
        notes(3)

    assert texts(listen(desk.url, factories.token(), cut, until=3, seconds=20)) == ["0", "1", "2"]


def test_a_stream_needs_a_caller(desk):
    async def run() -> StreamReader:
        return await StreamReader(desk.url, "nonsense").open()

    assert asyncio.run(run()).status == 401


def test_with_redis_every_event_arrives_through_the_relay(transactional_db, tmp_path):
    port = free_port()
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--daemonize", "no"], stdout=subprocess.DEVNULL
    )
    fleet = None
    try:
        fleet = Desk(tmp_path, REDIS_URL=f"redis://127.0.0.1:{port}/0")
        token = factories.token()
        row = factories.token_row(token)
        stream = listen(fleet.url, token, lambda: notes(5), until=5, seconds=20)
        assert texts(stream) == ["0", "1", "2", "3", "4"]

        def disable() -> None:
            AccessToken.objects.filter(pk=row.pk).update(state=State.DISABLED, updated_at=timezone.now())

        assert listen(fleet.url, token, disable, until=1, seconds=10).ended == "token_disabled"
    finally:
        if fleet:
            fleet.stop()
        redis.terminate()
        redis.wait()


def test_two_processes_serve_the_same_feed(transactional_db, tmp_path):
    desk = Desk(tmp_path, WORKERS="2")
    try:
        token = factories.token()

        async def run() -> list[StreamReader]:
            streams = [await StreamReader(desk.url, token, only=NOTED).open() for _ in range(12)]
            reading = [asyncio.create_task(each.read(until=5, seconds=15)) for each in streams]
            await asyncio.to_thread(with_own_connection, lambda: notes(5))
            await asyncio.gather(*reading)
            return streams

        assert all(texts(stream) == list("01234") for stream in asyncio.run(run()))
    finally:
        desk.stop()


def test_a_token_revoked_while_its_streams_open_keeps_none_of_them(desk):
    """Streams open all the time while the token is revoked: none may hear what happens afterwards."""
    token = factories.token()
    row = factories.token_row(token)

    async def run() -> list[StreamReader]:
        streams: list[StreamReader] = []

        async def open_one(delay: float) -> None:
            await asyncio.sleep(delay)
            streams.append(await StreamReader(desk.url, token, only=NOTED).open())

        def revoke() -> None:
            time.sleep(0.15)
            AccessToken.objects.filter(pk=row.pk).update(state=State.REVOKED)
            time.sleep(0.3)
            note("after")

        opening = [asyncio.create_task(open_one(number / 300)) for number in range(100)]
        await asyncio.to_thread(with_own_connection, revoke)
        await asyncio.gather(*opening)
        admitted = [stream for stream in streams if stream.status == 200]
        await asyncio.gather(*(stream.read(until=1, seconds=3) for stream in admitted))
        return admitted

    admitted = asyncio.run(run())
    assert all(stream.ended == "token_revoked" and not stream.events for stream in admitted)


def test_a_long_poll_ends_with_its_token(desk):
    token = factories.token()
    row = factories.token_row(token)
    headers = {"Authorization": f"Bearer {token}"}
    requests.get(f"{desk.url}/api/user/profile", headers=headers, timeout=30)
    until(lambda: Event.objects.filter(type="token.first_use").exists())  # that would end the poll too
    settle()
    change = AccessToken.objects.filter(pk=row.pk).update
    timer = threading.Timer(0.5, lambda: with_own_connection(lambda: change(state=State.REVOKED)))
    timer.start()
    response = requests.get(f"{desk.url}/api/events/list?after=now&wait=20", headers=headers, timeout=30)
    assert (response.status_code, response.json()["code"]) == (401, "token_revoked")
