"""The admin's front page: helpful when empty, and figures when there are some."""

from django.utils import timezone

from tests import factories
from tests.admin_pages import AdminPages
from tickets.models import Ticket
from tokens.models import DailyUse


def test_an_empty_desk_says_what_to_do_first(db):
    page = AdminPages().get("").content.decode()
    assert "No access tokens yet" in page
    assert "/admin/tokens/accesstoken/add/" in page
    assert "No tickets yet." in page


def test_the_front_page_counts_tokens_uses_refusals_and_tickets(db):
    pages = AdminPages()
    row = factories.token_row(factories.token(name="Ends soon", expires_in=86_400))
    today = timezone.now().date()
    DailyUse.objects.create(token=row, day=today, origin="", result="ok", count=12)
    DailyUse.objects.create(token=row, day=today, origin="", result="domain_not_allowed", count=5)
    Ticket.objects.create(title="Order did not arrive")
    page = " ".join(pages.get("").content.decode().split())
    assert "<b>1</b><span>active tokens</span>" in page
    assert "12 used · 5 refused" in page
    assert "Ends soon" in page
    assert "No tickets yet." not in page
