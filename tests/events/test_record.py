"""Recording events, and reading them in an order in which none can be skipped."""

import threading

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from events import queries
from events.models import Event
from events.queries import Position
from events.services import record


def note(text: str = "", audience=("tickets/staff",)) -> int:
    return record("ticket.noted", object_id="1", audience=audience, data={"text": text})


@pytest.mark.django_db(transaction=True)
def test_an_event_without_a_transaction_is_refused():
    with pytest.raises(TransactionManagementError):
        note()
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_vanishes_with_the_change_that_was_rolled_back():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note()
        raise ZeroDivisionError
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_not_skipped_by_a_cursor():
    """A slow transaction takes its id first and commits last; who reads in between still sees its event."""
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            note("slow")
            written.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(10)
    with transaction.atomic():
        note("fast")
    before, position, _ = queries.after(Position(), ["tickets/staff"], 50)
    go_on.set()
    thread.join()
    after, _, _ = queries.after(position, ["tickets/staff"], 50)
    seen = [queries.orjson.loads(queries.orjson.dumps(event["data"]))["text"] for event in [*before, *after]]
    assert sorted(seen) == ["fast", "slow"]


@pytest.mark.django_db(transaction=True)
def test_a_caller_reads_only_events_of_its_channels_and_goes_on_where_it_stopped():
    for number in range(6):
        with transaction.atomic():
            note(str(number), audience=["tickets/all"] if number % 2 else ["tickets/team:x"])
    first, position, more = queries.after(Position(), ["tickets/all"], 2)
    rest, _, last = queries.after(position, ["tickets/all"], 2)
    assert (len(first), more) == (2, True)
    assert (len(rest), last) == (1, False)
    assert not {event["id"] for event in first} & {event["id"] for event in rest}


@pytest.mark.parametrize(
    "text", ["", "x", "1", "1-", "-1-2", "1-2-3", "9" * 20 + "-1", "1-" + "9" * 20, "1 2"]
)
def test_a_position_that_is_none_is_refused(text):
    with pytest.raises(Exception, match="invalid_cursor"):
        queries.parse_position(text)
