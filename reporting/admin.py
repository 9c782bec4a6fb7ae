"""The admin's front page: tokens, refusals, open sessions and tickets at a glance; and the sidebar."""

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket
from tokens.admin import figures

WEEK, FORTNIGHT = 7, 14
STATES = (
    ("active", _("active tokens")),
    ("disabled", _("disabled")),
    ("rotated", _("rotated")),
    ("expired", _("expired")),
    ("revoked", _("revoked")),
)
# Title of the group, then title, icon, and the page of each entry, with the scope it takes.
SIDEBAR = (
    ("", ((_("Overview"), "space_dashboard", "index", ""),)),
    (
        _("Access"),
        (
            (_("Access tokens"), "key", "tokens_accesstoken_changelist", "tokens:read"),
            (_("Sessions"), "devices", "tokens_handoffsession_changelist", "tokens:read"),
            (_("Doctor"), "stethoscope", "tokens_accesstoken_examine", "tokens:read"),
            (_("Embed studio"), "web", "tokens_accesstoken_studio_choice", "tokens:read"),
        ),
    ),
    (
        _("People"),
        (
            (_("People"), "person", "accounts_user_changelist", "users:read"),
            (_("Teams"), "group", "accounts_team_changelist", "users:read"),
            (_("Failed logins"), "lock_person", "axes_accessattempt_changelist", "users:write"),
        ),
    ),
    (
        _("Work"),
        (
            (_("Tickets"), "confirmation_number", "tickets_ticket_changelist", "tickets:read"),
            (_("Threads"), "forum", "messaging_thread_changelist", "messages:read"),
            (_("Messages"), "chat", "messaging_message_changelist", "messages:read"),
            (_("Visitors"), "badge", "messaging_visitor_changelist", "messages:read"),
            (_("Canned replies"), "quickreply", "messaging_cannedreply_changelist", "messages:read"),
            (_("Robots"), "smart_toy", "messaging_robot_changelist", "settings:read"),
            (_("Knowledge"), "menu_book", "messaging_knowledgeentry_changelist", "settings:read"),
        ),
    ),
    (
        _("Installation"),
        (
            (_("Settings"), "settings", "settings_app_storedgroup_changelist", "settings:read"),
            (_("Audit log"), "history", "events_event_changelist", "events:read"),
            (_("Background jobs"), "schedule", "procrastinate_procrastinatejob_changelist", "settings:write"),
        ),
    ),
)


def may(request: HttpRequest, scope: str) -> bool:
    """Whether the admin may see it; one signed in by a token only within its scopes (as DeskAdmin.may)."""
    caller = getattr(request, "caller", None)
    return request.user.is_staff and (
        not scope or caller is None or (not caller.limited and caller.allows(scope))
    )


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return unfold's sidebar: only what this admin may open."""
    links = [str(reverse_lazy(f"admin:{page}")) for _, entries in SIDEBAR for _, _, page, _ in entries]
    # The longest address that the page lies under: the doctor's lies under that of the tokens.
    here = max((link for link in links if request.path.startswith(link)), key=len, default="")
    return [
        {
            "title": title,
            "items": [
                {
                    "title": name,
                    "icon": icon,
                    "link": reverse_lazy(f"admin:{page}"),
                    "active": str(reverse_lazy(f"admin:{page}")) == here,
                }
                for name, icon, page, scope in entries
                if may(request, scope)
            ],
        }
        for title, entries in SIDEBAR
        if any(may(request, scope) for *_, scope in entries)
    ]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return what the front page shows; four short statements, and none for what the admin may not see."""
    context["title"] = _("Overview")
    if may(request, "tokens:read"):
        numbers = figures.by_state()
        context |= {
            "states": [(name, title, numbers[name]) for name, title in STATES],
            "any_token": any(numbers.values()),
            "use": figures.use_of(days=WEEK),
            "ending": list(figures.ending_soon(FORTNIGHT)),
            "sessions_open": figures.open_sessions().count(),
            "sessions": list(figures.open_sessions()[:5]),
        }
    if may(request, "tickets:read"):
        context["tickets"] = tickets_a_day()
    return context


def tickets_a_day(count: int = FORTNIGHT) -> dict[str, Any]:
    """Return tickets created on each of the last days: their sum and the chart."""
    days = figures.days_until_today(count)
    since = timezone.now() - timedelta(days=count)
    rows = (
        Ticket.objects.filter(created_at__gte=since, deleted_at=None)
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(number=Count("id"))
        .order_by()
    )
    numbers = {row["day"]: row["number"] for row in rows}
    total = sum(numbers.get(day, 0) for day in days)
    chart = figures.chart(days, [("Tickets", figures.USED, numbers)])
    return {"total": total, "days": count, "chart": chart}
