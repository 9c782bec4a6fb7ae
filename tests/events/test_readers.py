"""Durable readers of events: once each, in order, whatever fails in between."""

import threading

import pytest
from django.db import connection, transaction

from events import readers
from events.models import Event
from events.services import record
from settings_app.models import StoredGroup
from tests.streams import settle, with_own_connection

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(monkeypatch):
    """Register one reader, alone, and return how."""

    def register(handle, *types: str) -> None:
        monkeypatch.setattr(readers, "READERS", {})
        readers.reader("tests", *(types or ("test.done",)))(handle)

    return register


def note(type: str = "test.done", number: int = 0) -> int:
    with transaction.atomic():
        return record(type, object_id="1", audience=[], data={"number": number})


def test_a_reader_gets_each_event_of_its_types_once_and_in_order(reader):
    seen = []
    reader(lambda event: seen.append(event.data["number"]), "test.done", "test.undone")
    for number in range(5):
        note("test.other", number)
        note("test.undone" if number % 2 else "test.done", number)
    settle()
    readers.read_all()
    readers.read_all()
    assert seen == [0, 1, 2, 3, 4]


def test_what_a_reader_writes_and_its_place_are_one_transaction(reader):
    """A reader that fails half-way has written nothing, and reads the same event again."""
    tries = []

    def handle(event: Event) -> None:
        tries.append(event.pk)
        StoredGroup.objects.create(name=f"of-{event.pk}", values={})
        if len(tries) == 1:
            raise ZeroDivisionError

    reader(handle)
    note()
    settle()
    readers.read_all()
    assert not StoredGroup.objects.exists()
    readers.read_all()
    readers.read_all()
    assert len(tries) == 2
    assert StoredGroup.objects.count() == 1


def test_a_reader_leaves_behind_what_it_can_never_read(reader, caplog):
    seen = []

    def handle(event: Event) -> None:
        if event.data["number"] == 0:
            raise ZeroDivisionError
        seen.append(event.data["number"])

    reader(handle)
    note(number=0)
    note(number=1)
    settle()
    for _ in range(readers.PATIENCE + 1):
        readers.read_all()
    assert seen == [1]
    assert "goes on without event" in caplog.text


def test_an_event_that_commits_late_is_read_too(reader):
    seen, written, go_on = [], threading.Event(), threading.Event()
    reader(lambda event: seen.append(event.data["number"]))

    def slow() -> None:
        with transaction.atomic():
            record("test.done", object_id="1", audience=[], data={"number": 1})
            written.set()
            go_on.wait(10)

    late = threading.Thread(target=with_own_connection, args=[slow])
    late.start()
    written.wait(10)
    note(number=2)
    readers.read_all()
    assert seen == []  # number 2 waits for what may still come before it
    go_on.set()
    late.join()
    settle()
    readers.read_all()
    assert seen == [1, 2]


def test_of_two_processes_one_reads_and_the_other_goes_on(reader):
    seen, inside, go_on = [], threading.Event(), threading.Event()

    def handle(event: Event) -> None:
        seen.append(event.pk)
        inside.set()
        go_on.wait(10)

    reader(handle)
    note()
    settle()
    first = threading.Thread(target=with_own_connection, args=[readers.read_all])
    first.start()
    assert inside.wait(10)
    assert readers.read_all() == 0
    go_on.set()
    first.join()
    assert len(seen) == 1


def test_a_new_reader_begins_with_the_last_minute_and_not_with_history(reader):
    seen = []
    reader(lambda event: seen.append(event.data["number"]))
    note(number=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_event SET at = at - interval '1 hour'")
    note(number=2)
    settle()
    readers.read_all()
    assert seen == [2]
