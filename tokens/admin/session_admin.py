"""The sessions that tokens opened, and the button that ends one."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from unfold.decorators import display

from api.admin import ReadOnlyAdmin, badge
from settings_app.queries import setting
from tokens.handoff.services import end_sessions
from tokens.models import HandoffSession


class OpenFilter(SimpleListFilter):
    title, parameter_name = "state", "open"

    def lookups(self, request, model_admin):
        return [("all", "All"), ("ended", "Ended")]

    def choices(self, changelist):
        first, *rest = super().choices(changelist)
        return [first | {"display": "Open now"}, *rest]

    def queryset(self, request, queryset):
        now = timezone.now()
        idle = timedelta(seconds=setting("embedding", "sessionIdle"))
        is_open = {"ended_at": None, "expires_at__gt": now, "seen_at__gt": now - idle}
        match self.value():
            case "all":
                return queryset
            case "ended":
                return queryset.exclude(**is_open)
        return queryset.filter(**is_open)


@admin.register(HandoffSession)
class HandoffSessionAdmin(ReadOnlyAdmin):
    list_display = [
        "person",
        "token_shown",
        "surface",
        "kind",
        "embedder",
        "ip",
        "created_at",
        "seen_at",
        "is_open",
    ]
    list_filter = [OpenFilter, "surface", "kind"]
    list_select_related = ["user", "token"]
    list_display_links = None
    search_fields = ["user__username", "user__email", "token__name", "embedder", "ip"]
    ordering = ["-id"]
    actions = ["end_selected"]
    empty_hint = "Sessions appear here while somebody is signed in through a token."
    read_scope = "tokens:read"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "tokens:write")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url="", extra_context=None
    ) -> HttpResponse:
        return HttpResponseRedirect(self.here("changelist"))

    @display(description="Person", ordering="user__username")
    def person(self, row: HandoffSession) -> str:
        return row.user.shown_name

    @display(description="Token")
    def token_shown(self, row: HandoffSession) -> str:
        return str(row.token)

    @display(description="State")
    def is_open(self, row: HandoffSession) -> str:
        over = row.ended_at or row.expires_at <= timezone.now()
        return badge("ended", "neutral") if over else badge("open", "success")

    @admin.action(description="End", permissions=["change"])
    def end_selected(self, request: HttpRequest, queryset: Any) -> None:
        ids = list(queryset.values_list("pk", flat=True)[:100])
        count = end_sessions(ids, reason="ended_by_admin", actor=request.user)
        self.message_user(request, f"{count} session{'' if count == 1 else 's'} ended.")
