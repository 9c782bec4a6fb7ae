"""The audit log, read only, and the background jobs of the worker."""

import json
from typing import Any

import procrastinate.contrib.django.admin  # noqa: F401 - registers what is replaced below
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from procrastinate.contrib.django.models import ProcrastinateJob
from unfold.decorators import display

from api.admin import ReadOnlyAdmin, badge
from events.models import Event

if admin.site.is_registered(ProcrastinateJob):
    admin.site.unregister(ProcrastinateJob)

OBJECTS = ("token", "user", "team", "ticket", "thread", "message", "setting", "visitor")
JOBS = {"succeeded": "success", "failed": "danger", "doing": "info", "todo": "neutral"}
ALERTS = ("denied", "failed", "reuse", "revoked", "deleted")


class ObjectFilter(SimpleListFilter):
    """By kind of object; fixed names, for DISTINCT would read a million rows."""

    title, parameter_name = "object", "object"

    def lookups(self, request, model_admin):
        return [(name, name.capitalize()) for name in OBJECTS]

    def queryset(self, request, queryset):
        return queryset.filter(object_type=self.value()) if self.value() in OBJECTS else queryset


class AlertFilter(SimpleListFilter):
    title, parameter_name = "kind", "kind"

    def lookups(self, request, model_admin):
        return [("denied", "Refusals"), ("alert", "Alerts")]

    def queryset(self, request, queryset):
        match self.value():
            case "denied":
                return queryset.filter(type__endswith="denied")
            case "alert":
                return queryset.filter(data__alert=True)
        return queryset


SHARED = """EXISTS (SELECT 1 FROM unnest(events_event.audience) AS heard
    WHERE heard NOT LIKE '%%/user:%%' AND heard NOT LIKE '%%/visitor:%%')"""


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["when", "what", "subject", "who", "address", "origin"]
    list_filter = [ObjectFilter, AlertFilter]
    search_fields = ["=object_id", "=actor_name", "=type", "=request_id"]
    search_help_text = "Exactly: an object's id, an actor, a type such as token.revoked, or a request id"
    ordering = ["-id"]
    empty_hint = "Everything that happens at the desk is recorded here."
    read_scope = "events:read"

    def get_queryset(self, request: HttpRequest) -> Any:
        """All events but what is for single people alone, such as what two colleagues say to each other; in
        a session opened by a token what that token's stream would show.
        """
        rows = super().get_queryset(request)
        caller = getattr(request, "caller", None)
        if caller is None:
            return rows.filter(RawSQL(SHARED, [], BooleanField()))  # noqa: S611 - our own constant
        return rows.filter(audience__overlap=sorted(caller.channels()))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in ("object_id", "token_id", "actor_id") or super().lookup_allowed(
            lookup, value, request
        )

    @display(description="When (UTC)")
    def when(self, event: Event) -> str:
        return f"{event.at:%Y-%m-%d %H:%M:%S}"

    @display(description="Who")
    def who(self, event: Event) -> str:
        return event.actor_name or "the desk"

    @display(description="Address")
    def address(self, event: Event) -> str:
        return event.ip

    @display(description="Event")
    def what(self, event: Event) -> str:
        tone = "warning" if event.type.endswith(ALERTS) else "neutral"
        return badge(event.type, tone)

    @display(description="Object")
    def subject(self, event: Event) -> str:
        data = event.data if isinstance(event.data, dict) else {}
        name = data.get("name") or data.get("title") or data.get("username") or data.get("group") or ""
        hint = f" …{data['hint']}" if "hint" in data else ""
        return f"{str(name)[:60]}{hint}" or event.object_id[:40]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        event = self.found(request, object_id)
        facts = [
            ("When", f"{event.at:%Y-%m-%d %H:%M:%S} UTC"),
            ("Who", event.actor_name or "the desk itself"),
            ("Object", f"{event.object_type} {event.object_id}"),
            ("Token", event.token_id or "–"),
            ("Address", event.ip or "–"),
            ("Origin", event.origin or "–"),
            ("Program", event.agent or "–"),
            ("Request", event.request_id or "–"),
        ]
        return self.page(
            request,
            "admin/events/event.html",
            event.type,
            original=event,
            facts=facts,
            data=json.dumps(event.data, indent=2, ensure_ascii=False, default=str),
        )


@admin.register(ProcrastinateJob)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["id", "task_name", "state", "queue_name", "attempts", "scheduled_at"]
    list_filter = ["status"]
    search_fields = ["=task_name"]
    ordering = ["-id"]
    list_display_links = None
    empty_hint = "Jobs of the worker appear here: notices, clean-ups, roll-ups."
    read_scope = "settings:write"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Background jobs"} | (extra_context or {}))

    @display(description="State", ordering="status")
    def state(self, job: ProcrastinateJob) -> str:
        return format_html("{}", badge(job.status, JOBS.get(job.status, "neutral")))
