"""The admin pages of tickets: to look things up, and to take tickets out of the bin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.http import HttpRequest
from unfold.decorators import display

from api.admin import ReadOnlyAdmin, badge, holding, refused
from api.errors import Problem
from tickets import services
from tickets.models import Priority, Status, Ticket
from tokens.authentication import password_caller

STATUS_TONES = {
    Status.OPEN: "info",
    Status.PENDING: "warning",
    Status.ON_HOLD: "warning",
    Status.RESOLVED: "success",
    Status.CLOSED: "neutral",
}
PRIORITY_TONES = {
    Priority.LOW: "neutral",
    Priority.MEDIUM: "neutral",
    Priority.HIGH: "warning",
    Priority.URGENT: "danger",
}


class BinFilter(SimpleListFilter):
    """The list's indexes leave out the bin, so it is shown only when asked for."""

    title, parameter_name = "where", "bin"

    def lookups(self, request, model_admin):
        return [("bin", "In the bin")]

    def choices(self, changelist):
        first, *rest = super().choices(changelist)
        return [first | {"display": "At work"}, *rest]

    def queryset(self, request, queryset):
        if self.value() == "bin":
            return queryset.filter(deleted_at__isnull=False)
        return queryset.filter(deleted_at=None)


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    list_display = ["shown", "status_shown", "priority_shown", "requester", "assignee", "team", "created_at"]
    list_filter = [BinFilter, "status", "priority", "team"]
    list_select_related = ["requester", "assignee", "team"]
    search_fields = ["title"]
    search_help_text = "A piece of the text, or a number"
    ordering = ["-created_at", "-id"]
    actions = ["restore"]
    fields = [
        "number", "title", "content", "status", "priority", "type", "tags", "requester", "assignee", "team",
        "created_by", "due_at", "first_response_at", "resolved_at", "closed_at", "created_at", "updated_at",
        "deleted_at", "version",
    ]  # fmt: skip
    empty_hint = "Tickets come through the API, the workstation and the chat."
    read_scope, write_scope = "tickets:read", "tickets:write"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return self.may(request, self.write_scope)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        number = search_term.strip().removeprefix("#")
        if number.isascii() and number.isdigit() and len(number) < 18:
            return queryset.filter(number=int(number)), False
        return holding(queryset, search_term, "title", "content"), False

    @display(description="Ticket", header=True, ordering="number")
    def shown(self, ticket: Ticket) -> list[str]:
        return [ticket.title, f"#{ticket.number}"]

    @display(description="Status", ordering="status")
    def status_shown(self, ticket: Ticket) -> str:
        return badge(ticket.get_status_display(), STATUS_TONES[ticket.status])

    @display(description="Priority", ordering="priority")
    def priority_shown(self, ticket: Ticket) -> str:
        return badge(ticket.get_priority_display(), PRIORITY_TONES[ticket.priority])

    @admin.action(description="Restore from the bin", permissions=["restore"])
    def restore(self, request: HttpRequest, queryset: Any) -> None:
        caller = getattr(request, "caller", None) or password_caller(request.session)
        done = 0
        for ticket in queryset.filter(deleted_at__isnull=False)[:100]:
            try:
                services.restore_ticket(caller=caller, ticket_id=ticket.pk)
                done += 1
            except Problem as problem:
                refused(request, Problem(problem.code, f"{ticket}: {problem.detail}"))
        messages.success(request, f"{done} ticket{'' if done == 1 else 's'} restored.")
