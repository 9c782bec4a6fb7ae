"""The admin pages of robots and of what they know."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import Team
from api.admin import DeskAdmin, DeskForm, badge, holding, refused
from api.errors import Problem
from messaging.models import KnowledgeEntry, Robot
from messaging.robots.responders import kinds
from messaging.robots.tables import COLUMNS, rows_of
from messaging.services import knowledge, robots
from settings_app.admin import LinesField

LANGUAGES = [("", "Any"), *settings.LANGUAGES]


class RobotForm(DeskForm):
    name = forms.CharField(
        max_length=120,
        widget=UnfoldAdminTextInputWidget,
        help_text="By which a chat's address names it (sid).",
    )
    nickname = forms.CharField(
        max_length=120, widget=UnfoldAdminTextInputWidget, help_text="What visitors and agents see."
    )
    avatar = forms.CharField(
        required=False, max_length=500, widget=UnfoldAdminTextInputWidget, help_text="Address of its picture."
    )
    active = forms.BooleanField(
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
        help_text="Without it, people have its conversations.",
    )
    welcome_text = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Shown above an empty conversation; also its answer to a greeting.",
    )
    suggestions = LinesField(
        required=False, help_text="Up to five questions, one a line, that a visitor asks by a tap."
    )
    responder = forms.ChoiceField(initial="faq", widget=UnfoldAdminSelectWidget)
    config = forms.JSONField(
        required=False,
        initial=dict,
        label="Responder's settings",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        help_text='JSON. For a language model: {"model": "…", "instructions": "…", "temperature": 0.2, '
        '"maxTokens": 500}. Address and key of its service are in the environment (docs/robots.md).',
    )
    threshold = forms.FloatField(
        initial=0.5,
        widget=UnfoldAdminTextInputWidget,
        help_text="How sure of an answer it must be, 0 to 1; what is nearly so is offered.",
    )
    team = forms.ModelChoiceField(
        queryset=Team.objects.all(),
        required=False,
        empty_label="The desk's default team",
        widget=UnfoldAdminSelectWidget,
        help_text="Takes over, and reads along.",
    )
    offer_after = forms.IntegerField(
        initial=2,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Questions in a row that it cannot answer until it offers a person.",
    )
    hand_over_after = forms.IntegerField(
        initial=4,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="… until it hands over by itself; 0: never.",
    )
    sections = [
        ("Who it is", "", ["name", "nickname", "avatar", "active", "welcome_text", "suggestions"]),
        ("How it answers", "", ["responder", "config", "threshold"]),
        ("When people take over", "", ["team", "offer_after", "hand_over_after"]),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {
            kind.name: kind.title if kind.available() else f"{kind.title} (not set up)"
            for kind in kinds().values()
        }
        # One that is no more stays chosen: the robot can be switched off without getting another one.
        if had := self.initial.get("responder"):
            offered.setdefault(had, f"{had} (there is no such responder)")
        self.fields["responder"].choices = offered.items()

    def clean_config(self) -> Any:
        return self.cleaned_data["config"] or {}


@admin.register(Robot)
class RobotAdmin(DeskAdmin):
    list_display = ["shown", "nickname", "responder_shown", "team", "active_shown", "updated_at"]
    list_filter = ["active", "team"]
    list_select_related = ["team"]
    search_fields = ["name", "nickname"]
    ordering = ["name", "id"]
    empty_hint = "Robots answer visitors before people do, from what they know or by a language model."
    read_scope, write_scope = "settings:read", "settings:write"

    @display(description="Name", ordering="name")
    def shown(self, robot: Robot) -> str:
        return robot.name

    @display(description="Answers by", ordering="responder")
    def responder_shown(self, robot: Robot) -> str:
        kind = kinds().get(robot.responder)
        return kind.title if kind else badge(robot.responder, "danger", "There is no such responder")

    @display(description="State", ordering="active")
    def active_shown(self, robot: Robot) -> str:
        return badge("active", "success") if robot.active else badge("resting", "neutral")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = RobotForm(request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            robot = robots.create_robot(actor=request.user, **data)
            return self.to(request, "changelist", said=f"{robot} was created.")

        return self.form_page(request, form, save, title="Add a robot")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        robot = self.found(request, object_id)
        initial = {name: getattr(robot, name) for name in robots.FIELDS}
        form = RobotForm(request.POST if request.method == "POST" else None, initial=initial)

        def save(data: dict[str, Any]) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            robots.change_robot(robot_id=robot.pk, changes=data, actor=request.user)
            return self.to(request, "changelist", said=f"{data['name']} was changed.")

        return self.form_page(
            request, form, save, title=str(robot), original=robot, back_url=self.here("changelist")
        )


class EntryForm(DeskForm):
    question = forms.CharField(max_length=500, widget=UnfoldAdminTextInputWidget)
    similar = LinesField(
        required=False,
        label="Similar questions",
        help_text="Other ways to ask it, one a line: the more of them, the surer the robot finds the answer.",
    )
    answer = forms.CharField(strip=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}))
    robot = forms.ModelChoiceField(
        queryset=Robot.objects.order_by("name"),
        required=False,
        empty_label="All robots",
        widget=UnfoldAdminSelectWidget,
    )
    language = forms.ChoiceField(required=False, choices=LANGUAGES, widget=UnfoldAdminSelectWidget)
    enabled = forms.BooleanField(required=False, initial=True, widget=UnfoldBooleanWidget)


class ImportForm(DeskForm):
    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget,
        help_text=f"A table in CSV with the columns {', '.join(COLUMNS)}; similar questions are parted by |. "
        "A question that is there gets the new answer.",
    )
    robot = forms.ModelChoiceField(
        queryset=Robot.objects.order_by("name"),
        required=False,
        empty_label="All robots",
        widget=UnfoldAdminSelectWidget,
        help_text="Whose knowledge it becomes.",
    )
    submit = "Import"


@admin.register(KnowledgeEntry)
class KnowledgeAdmin(DeskAdmin):
    list_display = ["question", "beginning", "whose", "language", "enabled_shown", "updated_at"]
    list_filter = ["enabled", "robot", "language"]
    list_select_related = ["robot"]
    search_fields = ["question"]
    ordering = ["question", "id"]
    actions = ["enable_selected", "disable_selected", "remove_selected"]
    actions_list = ["import_table"]
    empty_hint = "Questions that visitors ask, with their answers."
    read_scope, write_scope = "settings:read", "settings:write"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return holding(queryset, search_term, "question", "answer"), False

    @display(description="Answer")
    def beginning(self, entry: KnowledgeEntry) -> str:
        return entry.answer[:80]

    @display(description="Whose", ordering="robot")
    def whose(self, entry: KnowledgeEntry) -> str:
        return badge(entry.robot.name, "info") if entry.robot else badge("all robots", "neutral")

    @display(description="State", ordering="enabled")
    def enabled_shown(self, entry: KnowledgeEntry) -> str:
        return badge("enabled", "success") if entry.enabled else badge("disabled", "neutral")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = EntryForm(request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            knowledge.create_entry(actor=request.user, **data)
            return self.to(request, "changelist", said="The entry was created.")

        return self.form_page(request, form, save, title="Add a question and its answer")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        entry = self.found(request, object_id)
        initial = {name: getattr(entry, name) for name in knowledge.FIELDS}
        form = EntryForm(request.POST if request.method == "POST" else None, initial=initial)

        def save(data: dict[str, Any]) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            knowledge.change_entry(entry_id=entry.pk, changes=data, actor=request.user)
            return self.to(request, "changelist", said="The entry was changed.")

        return self.form_page(
            request, form, save, title=str(entry), original=entry, back_url=self.here("changelist")
        )

    @action(description="Import a table", url_path="import", icon="upload", permissions=["change"])
    def import_table(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            rows = rows_of(data["file"].read())
            made, changed = knowledge.import_entries(rows=rows, robot=data["robot"], actor=request.user)
            return self.to(request, "changelist", said=f"{made} entries are new, {changed} were changed.")

        return self.form_page(request, form, save, title="Import questions and answers")

    @admin.action(description="Enable", permissions=["change"])
    def enable_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._each(
            request,
            queryset,
            "enabled",
            lambda entry: knowledge.change_entry(
                entry_id=entry.pk, changes={"enabled": True}, actor=request.user
            ),
        )

    @admin.action(description="Disable", permissions=["change"])
    def disable_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._each(
            request,
            queryset,
            "disabled",
            lambda entry: knowledge.change_entry(
                entry_id=entry.pk, changes={"enabled": False}, actor=request.user
            ),
        )

    @admin.action(description="Delete", permissions=["change"])
    def remove_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._each(
            request,
            queryset,
            "deleted",
            lambda entry: knowledge.delete_entry(entry_id=entry.pk, actor=request.user),
        )

    def _each(self, request: HttpRequest, queryset: Any, done: str, change: Any) -> None:
        changed = 0
        for entry in queryset[:500]:
            try:
                change(entry)
                changed += 1
            except Problem as problem:
                refused(request, problem)
        if changed:
            messages.success(request, f"{changed} {'entry is' if changed == 1 else 'entries are'} {done}.")
