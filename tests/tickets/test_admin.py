"""The admin pages of tickets, threads and messages: to look things up, and to take tickets out of the bin."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event
from messaging.models import Message, Thread, Visitor
from tests.admin_pages import AdminPages
from tickets.models import Ticket

TICKETS = "tickets/ticket/"


@pytest.fixture
def pages(db):
    return AdminPages()


def ticket(title: str = "Order did not arrive", **fields) -> Ticket:
    made = Ticket.objects.create(title=title, **fields)
    made.refresh_from_db()
    return made


def test_tickets_are_found_by_number_and_by_a_piece_of_the_text(pages):
    wanted, other = ticket("Refund for 100% cotton"), ticket("Something else")
    for term in (f"#{wanted.number}", "100%", "COTTON"):
        page = pages.get(TICKETS, {"q": term}).content.decode()
        assert "Refund for 100% cotton" in page
        assert "Something else" not in page
    assert pages.get(f"{TICKETS}{other.pk}/change/").status_code == 200


def test_a_ticket_of_the_bin_is_shown_there_and_restored(pages):
    gone = ticket(deleted_at=timezone.now())
    assert gone.title not in pages.get(TICKETS).content.decode()
    assert gone.title in pages.get(TICKETS, {"bin": "bin"}).content.decode()
    pages.post(TICKETS + "?bin=bin", {"action": "restore", "_selected_action": [str(gone.pk)]})
    gone.refresh_from_db()
    assert gone.deleted_at is None
    assert Event.objects.get(type="ticket.restored").actor_id == pages.user.pk


def test_tickets_are_not_changed_here(pages):
    made = ticket()
    assert pages.post(f"{TICKETS}{made.pk}/change/", {"title": "x"}).status_code == 403
    assert pages.get(TICKETS + "add/").status_code == 403
    assert pages.get(f"{TICKETS}{made.pk}/delete/").status_code == 403


def test_the_list_asks_once_for_any_number_of_tickets_and_never_counts_them(pages):
    for _ in range(3):
        ticket(requester=Visitor.objects.create(nickname="Maria"))
    pages.get(TICKETS)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        pages.get(TICKETS)
    asked = [each["sql"] for each in captured if "tickets_ticket" in each["sql"]]
    assert len(asked) == 1
    assert "COUNT(" not in asked[0]


def test_threads_messages_and_visitors_can_be_looked_up(pages):
    visitor = Visitor.objects.create(nickname="Maria", email="maria@example.net")
    thread = Thread.objects.create(type="AGENT", topic="Invoice", visitor=visitor)
    message = Message.objects.create(thread=thread, seq=1, content="Where is my invoice?", visitor=visitor)
    for path, row in (
        ("messaging/thread/", thread),
        ("messaging/message/", message),
        ("messaging/visitor/", visitor),
    ):
        assert b"Maria" in pages.get(path).content
        assert pages.get(f"{path}{row.pk}/change/").status_code == 200
    assert b"Where is my invoice?" in pages.get("messaging/message/", {"q": "INVOICE"}).content
