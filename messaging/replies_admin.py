"""The admin page of canned replies: the teams' and the shared ones; what is somebody's own is not shown."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import Team
from api.admin import DeskAdmin, DeskForm, badge, refused
from api.errors import Problem
from messaging import services
from messaging.models import CannedReply

VARIABLES = (
    "{{visitor.nickname}}, {{visitor.email}}, {{agent.nickname}}, {{team.name}} and {{desk.name}} are "
    "filled in."
)


class ReplyForm(DeskForm):
    shortcut = forms.CharField(
        max_length=40, widget=UnfoldAdminTextInputWidget, help_text="What one types after a slash."
    )
    title = forms.CharField(required=False, max_length=120, widget=UnfoldAdminTextInputWidget)
    content = forms.CharField(
        strip=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}), help_text=VARIABLES
    )
    team = forms.ModelChoiceField(
        queryset=Team.objects.all(),
        required=False,
        empty_label="Everybody",
        widget=UnfoldAdminSelectWidget,
        help_text="Its members use and change the reply; what is everybody's, supervisors and admins change.",
    )

    def given(self) -> dict[str, Any]:
        """Return what was filled in, as messaging.services take it."""
        team = self.cleaned_data["team"]
        return self.cleaned_data | {"team": team and team.pk, "scope": "team" if team else "shared"}


@admin.register(CannedReply)
class CannedReplyAdmin(DeskAdmin):
    list_display = ["shown", "title", "beginning", "whose", "updated_at"]
    list_filter = ["team"]
    list_select_related = ["team"]
    search_fields = ["shortcut", "title", "content"]
    ordering = ["shortcut", "id"]
    actions = ["remove_selected"]
    empty_hint = "Texts that agents write again and again, at hand by a shortcut."
    read_scope, write_scope = "messages:read", "messages:write"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(owner=None)

    @display(description="Shortcut", ordering="shortcut")
    def shown(self, reply: CannedReply) -> str:
        return str(reply)

    @display(description="Text")
    def beginning(self, reply: CannedReply) -> str:
        return reply.content[:80]

    @display(description="Whose", ordering="team")
    def whose(self, reply: CannedReply) -> str:
        return badge(reply.team.name, "info") if reply.team else badge("everybody", "neutral")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ReplyForm(request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            reply = services.create_reply(**form.given(), **self._by(request))
            return self.to(request, "changelist", said=f"{reply} was created.")

        return self.form_page(request, form, save, title="Add a canned reply")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        reply = self.found(request, object_id)
        initial = {name: getattr(reply, name) for name in ("shortcut", "title", "content", "team")}
        form = ReplyForm(request.POST if request.method == "POST" else None, initial=initial)

        def save(data: dict[str, Any]) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            services.change_reply(reply_id=reply.pk, changes=form.given(), **self._by(request))
            return self.to(request, "changelist", said=f"/{data['shortcut']} was changed.")

        return self.form_page(
            request, form, save, title=str(reply), original=reply, back_url=self.here("changelist")
        )

    @admin.action(description="Delete", permissions=["change"])
    def remove_selected(self, request: HttpRequest, queryset: Any) -> None:
        done = 0
        for reply in queryset[:100]:
            try:
                services.delete_reply(reply_id=reply.pk, **self._by(request))
                done += 1
            except Problem as problem:
                refused(request, Problem(problem.code, f"{reply}: {problem.detail}"))
        if done:
            messages.success(request, f"{done} {'reply is' if done == 1 else 'replies are'} deleted.")

    def _by(self, request: HttpRequest) -> dict[str, Any]:
        """Return who acts, as services take it."""
        return {"actor": request.user, "caller": getattr(request, "caller", None)}
