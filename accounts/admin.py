"""The admin pages of people, teams and failed logins; every change goes through accounts.services."""

from typing import Any

import axes.admin  # noqa: F401 - registers what is replaced below
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts import policy, services
from accounts.models import Presence, Routing, Team, User
from accounts.roles import ADMIN, AGENT, ROLES, SUPERVISOR
from api.admin import DeskAdmin, DeskForm, ReadOnlyAdmin, badge, events_of, refused
from api.errors import Problem
from settings_app.admin import field_of
from settings_app.registry import GROUPS

HOURS = GROUPS["hours"]

for model in (AccessAttempt, AccessLog, AccessFailureLog):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

PRESENCE = {"AVAILABLE": "success", "BUSY": "warning", "OFFLINE": "neutral"}
ROLE_TONES = {ADMIN: "danger", SUPERVISOR: "info", AGENT: "neutral"}
NO_PASSWORD = "Empty: tokens alone sign this person in."


class UserForm(DeskForm):
    username = forms.CharField(max_length=150, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(required=False, label="E-mail", widget=UnfoldAdminEmailInputWidget)
    nickname = forms.CharField(
        required=False, max_length=80, widget=UnfoldAdminTextInputWidget,
        help_text="How colleagues and visitors see the name."
    )  # fmt: skip
    role = forms.ChoiceField(
        choices=[(role, role.capitalize()) for role in ROLES],
        initial=AGENT,
        widget=UnfoldAdminSelectWidget,
        help_text="It decides all rights. Agents see their teams' work, supervisors and admins all.",
    )
    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.all(), required=False, widget=UnfoldAdminSelect2MultipleWidget
    )
    capacity = forms.IntegerField(
        min_value=0,
        max_value=1000,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Chats at once; the desk gives no more. Whoever wants may take more.",
    )
    skills = forms.CharField(
        required=False,
        max_length=800,
        widget=UnfoldAdminTextInputWidget,
        help_text="Separated by commas. A conversation that needs some goes to people who have them.",
    )

    def clean_skills(self) -> list[str]:
        return self.cleaned_data["skills"].split(",")

    def changes(self) -> dict[str, Any]:
        """Return what was filled in otherwise than before, as accounts.services take it."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}
        return {name: value for name, value in changed.items() if name != "capacity" or value is not None}


class NewUserForm(UserForm):
    password = forms.CharField(
        required=False, strip=False, max_length=256, help_text=NO_PASSWORD,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    sections = (
        ("Person", "", ["username", "email", "nickname"]),
        ("Work", "", ["role", "teams", "capacity", "skills"]),
        ("Signing in", "By username or e-mail with a password, or with an access token.", ["password"]),
    )
    submit = "Create person"


class EditUserForm(UserForm):
    status = forms.ChoiceField(
        choices=Presence.choices, widget=UnfoldAdminSelectWidget, help_text="Available people receive chats."
    )
    is_active = forms.BooleanField(
        required=False,
        label="Active",
        widget=UnfoldBooleanWidget,
        help_text="Without it nothing signs this person in; sessions and streams end at once.",
    )
    sections = (
        ("Person", "", ["username", "email", "nickname"]),
        ("Work", "", ["role", "teams", "status", "capacity", "skills"]),
        ("Signing in", "", ["is_active"]),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        names = ("username", "email", "nickname", "role", "status", "is_active", "capacity")
        initial = {name: getattr(user, name) for name in names}
        initial |= {"teams": list(user.teams.all()), "skills": ", ".join(user.skills)}
        super().__init__(*args, initial=initial, **kwargs)


class PasswordForm(DeskForm):
    password = forms.CharField(
        strip=False, max_length=256, label="New password",
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters, none of the common ones. Sessions opened with the old one end.",
    )  # fmt: skip
    again = forms.CharField(
        strip=False, max_length=256, label="Once more",
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    submit = "Set password"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("password") != data.get("again"):
            self.add_error("again", "The two do not match.")
        return data


def caller_of(request: HttpRequest) -> Any:
    """Return who acts, when a token opened this session: accounts.policy then limits what is changed."""
    return getattr(request, "caller", None)


@admin.register(User)
class UserAdmin(DeskAdmin):
    list_display = ["shown", "email", "role_shown", "teams_shown", "presence", "state"]
    list_filter = ["role", "is_active", "status", "teams"]
    search_fields = ["username", "email", "nickname"]
    search_help_text = "Name or e-mail"
    ordering = ["username"]
    actions = ["deactivate_selected", "activate_selected"]
    read_scope, write_scope = "users:read", "users:write"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("teams")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.password_view)
        return [path("<uuid:object_id>/password/", view, name="accounts_user_password"), *super().get_urls()]

    @display(description="Person", header=True, ordering="username")
    def shown(self, user: User) -> list[str]:
        return [user.shown_name, user.username]

    @display(description="Role", ordering="role")
    def role_shown(self, user: User) -> str:
        return badge(user.role, ROLE_TONES[user.role])

    @display(description="Teams")
    def teams_shown(self, user: User) -> str:
        return ", ".join(team.name for team in user.teams.all())

    @display(description="Presence", ordering="status")
    def presence(self, user: User) -> str:
        return badge(user.status.lower(), PRESENCE[user.status])

    @display(description="State", ordering="is_active")
    def state(self, user: User) -> str:
        token_only = badge("tokens only", "info", "No password") if not user.has_usable_password() else ""
        active = badge("active", "success") if user.is_active else badge("inactive", "neutral")
        return format_html("{} {}", active, token_only)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewUserForm(request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            if caller := caller_of(request):
                policy.check_creates(caller, data["role"])
            password = data.pop("password") or None
            if data["capacity"] is None:
                del data["capacity"]
            user = services.create_user(password=password, actor=request.user, **data)
            return self.to(request, "change", user.pk, said=f"{user.shown_name} can work now.")

        return self.form_page(request, form, save, title="Add a person")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        user = self.found(request, object_id)
        form = EditUserForm(user, request.POST if request.method == "POST" else None)

        def save(data: dict[str, Any]) -> HttpResponse:
            self.change(request, user, form.changes())
            return self.to(request, "change", user.pk, said=f"{user.shown_name} was changed.")

        tokens = reverse("admin:tokens_accesstoken_changelist") + f"?user__id__exact={user.pk}"
        return self.form_page(
            request,
            form,
            save,
            title=user.shown_name,
            original=user,
            template="admin/accounts/user.html",
            password_url=reverse("admin:accounts_user_password", args=[user.pk]),
            has_password=user.has_usable_password(),
            tokens_url=tokens,
            issue_url=reverse("admin:tokens_accesstoken_add") + f"?user={user.pk}",
            events_url=events_of(user.pk),
        )

    def password_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        user = self.found(request, str(object_id))
        form = PasswordForm(request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            self.change(request, user, {"password": data["password"]})
            return self.to(request, "change", user.pk, said=f"{user.shown_name} has a new password.")

        return self.form_page(
            request,
            form,
            save,
            title=f"Password of {user.shown_name}",
            original=user,
            back_url=self.here("change", user.pk),
        )

    def change(self, request: HttpRequest, user: User, changes: dict[str, Any]) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied
        services.change_user(user_id=user.pk, changes=changes, actor=request.user, caller=caller_of(request))

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate_selected(self, request: HttpRequest, queryset: Any) -> None:
        self.switch(request, queryset, False)

    @admin.action(description="Activate", permissions=["change"])
    def activate_selected(self, request: HttpRequest, queryset: Any) -> None:
        self.switch(request, queryset, True)

    def switch(self, request: HttpRequest, queryset: Any, active: bool) -> None:
        done = 0
        for user in queryset[:100]:
            try:
                self.change(request, user, {"is_active": active})
                done += 1
            except Problem as problem:
                refused(request, Problem(problem.code, f"{user.shown_name}: {problem.detail}"))
        if done:
            messages.success(
                request,
                f"{done} {'person is' if done == 1 else 'people are'} {'' if active else 'in'}active now.",
            )


class TeamForm(DeskForm):
    name = forms.CharField(max_length=80, widget=UnfoldAdminTextInputWidget)
    description = forms.CharField(
        required=False, max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )
    members = forms.ModelMultipleChoiceField(
        queryset=User.objects.filter(is_active=True),
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="They see the team's tickets and threads.",
    )
    routing = forms.ChoiceField(
        choices=Routing.choices,
        initial=Routing.LEAST_BUSY,
        widget=UnfoldAdminSelectWidget,
        help_text="Who gets a conversation that waits: of the available people with capacity left.",
    )
    overflow_team = forms.ModelChoiceField(
        queryset=Team.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="Where a conversation goes on waiting when it has waited too long here.",
    )
    overflow_seconds = forms.IntegerField(
        min_value=0,
        max_value=86_400,
        initial=0,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="How long that is; 0: it stays.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = list(self.fields)
        self.fields["own_hours"] = forms.BooleanField(
            required=False,
            label="This team keeps hours of its own",
            help_text="Otherwise those of the desk count.",
            widget=UnfoldBooleanWidget,
        )
        self.fields.update({f"hours.{name}": field_of(key, name) for name, key in HOURS.keys.items()})
        of_hours = [name for name in self.fields if name not in facts]
        self.sections = [("", "", facts), ("Opening hours", "", of_hours)]

    def clean(self) -> dict[str, Any]:
        """Gather the hours into one value, as services take it: None where the desk's count."""
        data = super().clean() or self.cleaned_data
        own = data.pop("own_hours", False)
        hours = {name: data.pop(f"hours.{name}") for name in HOURS.keys if f"hours.{name}" in data}
        return data | {"hours": hours if own else None}


def hours_shown(hours: dict[str, Any] | None) -> dict[str, Any]:
    """Return the initial values of a team's form that say its hours."""
    shown = HOURS.defaults | (hours or {"enabled": True})
    return {"own_hours": hours is not None} | {f"hours.{name}": value for name, value in shown.items()}


@admin.register(Team)
class TeamAdmin(DeskAdmin):
    list_display = ["name", "description", "size"]
    search_fields = ["name"]
    empty_hint = "A team sees its own tickets and threads."
    read_scope, write_scope = "users:read", "users:write"

    def get_queryset(self, request: HttpRequest) -> Any:
        active = Count("members", filter=Q(members__is_active=True))
        return super().get_queryset(request).annotate(size=active)

    @display(description="People", ordering="size")
    def size(self, team: Any) -> int:
        return team.size

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TeamForm(request.POST or None, initial=hours_shown(None))

        def save(data: dict[str, Any]) -> HttpResponse:
            team = services.create_team(**data, actor=request.user, caller=caller_of(request))
            return self.to(request, "changelist", said=f"Team {team.name} was created.")

        return self.form_page(request, form, save, title="Add a team")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        team = self.found(request, object_id)
        people = team.members.filter(is_active=True)
        names = ("name", "description", "routing", "overflow_team", "overflow_seconds")
        initial = {name: getattr(team, name) for name in names} | {"members": list(people)}
        initial |= hours_shown(team.hours)
        form = TeamForm(request.POST if request.method == "POST" else None, initial=initial)

        def save(data: dict[str, Any]) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            services.change_team(team_id=team.pk, changes=data, actor=request.user, caller=caller_of(request))
            return self.to(request, "changelist", said=f"Team {data['name']} was changed.")

        return self.form_page(
            request, form, save, title=team.name, original=team, back_url=self.here("changelist")
        )


@admin.register(AccessAttempt)
class FailedLoginAdmin(ReadOnlyAdmin):
    list_display = ["username", "ip_address", "failures_since_start", "attempt_time", "path_info"]
    search_fields = ["username", "ip_address"]
    ordering = ["-attempt_time"]
    list_display_links = None
    actions = ["unlock"]
    empty_hint = "No sign-in has failed lately."
    read_scope = write_scope = "users:write"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Failed logins"} | (extra_context or {}))

    @admin.action(description="Unlock", permissions=["change"])
    def unlock(self, request: HttpRequest, queryset: Any) -> None:
        for attempt in queryset[:100]:
            reset(username=attempt.username, ip=attempt.ip_address)
        messages.success(request, "They can try again.")
