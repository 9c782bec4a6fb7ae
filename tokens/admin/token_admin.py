"""The list of access tokens and the page of one: states, use, denials, sessions and history at a glance."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.timesince import timesince, timeuntil
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts.models import Team
from api.admin import DeskAdmin, badge, events_of
from tokens.admin import figures, filters, widgets
from tokens.admin.pages import TokenPages
from tokens.admin.studio import StudioPages
from tokens.models import AccessToken
from tokens.scopes import MEANINGS

TONES = {
    "active": "success",
    "disabled": "warning",
    "rotated": "info",
    "expired": "neutral",
    "used": "neutral",
    "revoked": "danger",
}
MEANS = {
    "active": "Works.",
    "disabled": "Nothing opens with it until somebody enables it.",
    "rotated": "Replaced by a newer token.",
    "expired": "Its time is over; rotating is not possible any more, issue a new one.",
    "used": "A one-time token that was used.",
    "revoked": "Ended for good.",
}
POSSIBLE = {
    "active": {"edit", "doctor", "disable", "rotate", "revoke"},
    "disabled": {"edit", "doctor", "enable", "revoke"},
    "rotated": {"doctor", "revoke"},
    "expired": {"doctor", "revoke"},
    "used": {"doctor", "revoke"},
    "revoked": {"doctor"},
}


@admin.register(AccessToken)
class AccessTokenAdmin(TokenPages, StudioPages, DeskAdmin):
    list_display = ["shown", "person", "state_now", "place", "last_use", "ends"]
    list_filter = [
        filters.StateFilter,
        filters.PlaceFilter,
        filters.EndFilter,
        filters.UseFilter,
        filters.KindFilter,
    ]
    narrowed_by = ("user",)  # the link of a user's page
    list_select_related = ["user"]
    search_fields = ["name", "hint", "user__username", "user__email", "user__nickname", "last_used_origin"]
    search_help_text = "Name, last six characters, person, or origin"
    ordering = ["-created_at", "-id"]
    empty_hint = "Issue a token to open the desk from another product, or to call the API."
    read_scope, write_scope = "tokens:read", "tokens:write"
    actions = ["disable_selected", "enable_selected", "revoke_selected"]
    actions_list = ["examine", "studio_choice"]
    actions_detail = ["edit", "studio", "doctor", "disable", "enable", "rotate", "revoke"]

    def get_urls(self) -> list[URLPattern]:
        explain = self.admin_site.admin_view(self.explain)
        end = self.admin_site.admin_view(self.end_session)
        preview = self.admin_site.admin_view(self.studio_token)
        return [
            path("explain/", explain, name="tokens_accesstoken_explain"),
            path("<uuid:object_id>/sessions/<uuid:session_id>/end/", end, name="tokens_accesstoken_end"),
            path("<uuid:object_id>/studio/token/", preview, name="tokens_accesstoken_studio_token"),
            *super().get_urls(),
        ]

    def explain(self, request: HttpRequest) -> HttpResponse:
        """Return, as JSON, what each `entry` of the query matches; the domain editor shows it."""
        entries = request.GET.getlist("entry")[:100]
        return JsonResponse({"entries": [widgets.explained(text, request.scheme) for text in entries]})

    # The list

    @display(description="Token", header=True, ordering="name")
    def shown(self, row: AccessToken) -> list[str]:
        return [row.name or "Unnamed token", f"…{row.hint}"]

    @display(description="Signs in as", ordering="user__username")
    def person(self, row: AccessToken) -> str:
        return row.user.shown_name

    @display(description="State", ordering="state")
    def state_now(self, row: AccessToken) -> str:
        state = row.state_at(timezone.now())
        one_time = badge("one-time", "info") if row.is_one_time else ""
        return format_html("{} {}", badge(state, TONES[state], MEANS[state]), one_time)

    @display(description="Where")
    def place(self, row: AccessToken) -> str:
        servers = (
            badge("servers", "info", "Calls without an Origin are admitted") if row.allow_no_origin else ""
        )
        if not row.domains:
            return badge("any site", "warning", "Every page may use it: name its domains")
        more = f" +{len(row.domains) - 1}" if len(row.domains) > 1 else ""
        return format_html(
            '<span title="{}" class="dk-mono">{}{}</span> {}',
            ", ".join(row.domains),
            row.domains[0],
            more,
            servers,
        )

    @display(description="Last use", ordering="last_used_at")
    def last_use(self, row: AccessToken) -> str:
        if row.last_used_at is None:
            return mark_safe('<span class="dk-faint">never</span>')
        return format_html(
            '<span title="{}">{} ago</span>',
            f"{row.last_used_ip} {row.last_used_origin}",
            nearest(timesince, row.last_used_at),
        )

    @display(description="Expires", ordering="expires_at")
    def ends(self, row: AccessToken) -> str:
        now, exact = timezone.now(), f"{row.expires_at:%Y-%m-%d %H:%M} UTC"
        if row.expires_at <= now:
            return format_html(
                '<span class="dk-faint" title="{}">{} ago</span>', exact, nearest(timesince, row.expires_at)
            )
        soon = "dk-soon" if (row.expires_at - now).days < 7 else ""
        return format_html(
            '<span class="{}" title="{}">in {}</span>', soon, exact, nearest(timeuntil, row.expires_at)
        )

    # The page of one token

    def change_view(
        self, request: HttpRequest, object_id: str, form_url="", extra_context=None
    ) -> HttpResponse:
        row = self.found(request, object_id)
        state = row.state_at(timezone.now())
        return self.page(
            request,
            "admin/tokens/token.html",
            row.name or "Unnamed token",
            subtitle=f"…{row.hint}",
            original=row,
            row=row,
            state=state,
            tone=TONES[state],
            means=MEANS[state],
            domains=[widgets.explained(entry, request.scheme) for entry in row.domains],
            scopes=[(name, MEANINGS.get(name, "")) for name in row.scopes],
            teams=Team.objects.filter(pk__in=row.team_ids) if row.team_ids else [],
            use=figures.use_of(row.pk),
            denials=figures.newest_denials(row.pk),
            sessions=list(figures.open_sessions(row.pk)[:20]),
            trail=list(figures.trail(row.pk)),
            trail_url=events_of(row.pk),
            family=AccessToken.objects.filter(family=row.family)
            .exclude(pk=row.pk)
            .order_by("-created_at")[:5],
            **self.detail_actions(request, row),
        )

    def detail_actions(self, request: HttpRequest, row: AccessToken) -> dict[str, Any]:
        """Return unfold's buttons of one token: only what its state allows."""
        possible = POSSIBLE[row.state_at(timezone.now())]
        allowed = [each for each in self.get_actions_detail(request, row.pk)
                   if each.action_name.rpartition("_")[2] in possible]  # fmt: skip
        return {"actions_detail": self._get_actions_navigation(self.actions_detail, allowed, str(row.pk))}

    @action(description="Doctor", url_path="doctor", icon="stethoscope", permissions=["change"])
    def doctor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.doctor_page(request, self.found(request, object_id))

    @action(description="Examine a token", url_path="examine", icon="stethoscope", permissions=["change"])
    def examine(self, request: HttpRequest) -> HttpResponse:
        return self.pasted_doctor_page(request)

    @action(description="Embed studio", url_path="embed", icon="web", permissions=["change"])
    def studio_choice(self, request: HttpRequest) -> HttpResponse:
        return self.studio_choice_page(request)

    @action(description="Embed studio", url_path="studio", icon="web", permissions=["change"])
    def studio(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.studio_page(request, self.found(request, object_id))

    @action(description="Edit", url_path="edit", icon="edit", permissions=["change"])
    def edit(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.edit_page(request, self.found(request, object_id))

    @action(description="Disable", url_path="disable", icon="pause_circle", permissions=["change"])
    def disable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.disable_page(request, self.found(request, object_id))

    @action(
        description="Enable", url_path="enable", icon="play_circle", permissions=["change"],
        variant=ActionVariant.PRIMARY,
    )  # fmt: skip
    def enable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.enable_page(request, self.found(request, object_id))

    @action(description="Rotate", url_path="rotate", icon="autorenew", permissions=["change"])
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.rotate_page(request, self.found(request, object_id))

    @action(
        description="Revoke", url_path="revoke", icon="block", permissions=["change"],
        variant=ActionVariant.DANGER,
    )  # fmt: skip
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.revoke_page(request, self.found(request, object_id))

    # Several at once

    @admin.action(description="Disable", permissions=["change"])
    def disable_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self.each_of(request, queryset, "disabled", self.disable_one)

    @admin.action(description="Enable", permissions=["change"])
    def enable_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self.each_of(request, queryset, "enabled", self.enable_one)

    @admin.action(description="Revoke…", permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self.revoke_many_page(request, queryset)


def nearest(phrase: Any, moment: Any) -> str:
    """Return the coarsest part of a length of time: "3 days"."""
    return phrase(moment, depth=1)
