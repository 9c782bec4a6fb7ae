"""Recording events, and reading them in an order in which none can be skipped."""

import threading

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from events import queries
from events.models import Event
from events.queries import Position
from events.services import record
from tests.streams import settle


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
    settle()
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


@pytest.mark.django_db(transaction=True)
def test_transactions_are_ordered_as_numbers_also_where_they_gain_a_digit():
    for transaction_id in (9, 10, 99, 100, 999, 1000):
        with transaction.atomic():
            number = note(str(transaction_id))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE events_event SET transaction = %s::text::xid8 WHERE id = %s",
                [str(transaction_id), number],
            )
    seen = []
    position = Position(8, 0)
    for _ in range(4):
        events, position, _ = queries.after(position, ["tickets/staff"], 2)
        seen += [int(event["id"].split("-")[0]) for event in events]
    assert seen == [9, 10, 99, 100, 999, 1000]
    assert queries.head().transaction == 1000


@pytest.mark.django_db(transaction=True)
def test_the_feed_reads_through_its_index_and_sorts_nothing():
    plans = []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (transaction, type, object_type, object_id, audience, actor_name, "
            "request_id, ip, origin, agent, data) SELECT n::text::xid8, 'ticket.noted', 'ticket', '1', "
            "ARRAY['tickets/staff'], '', '', '', '', '', '{}' FROM generate_series(10, 20000) n"
        )
        cursor.execute("ANALYZE events_event")
        for sql, params in ((queries.SELECT, ["15000", 1, 50]), (queries.HEAD, [])):
            cursor.execute("EXPLAIN " + sql, params)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert all("events_in_commit_order" in plan and "Sort" not in plan for plan in plans), plans
