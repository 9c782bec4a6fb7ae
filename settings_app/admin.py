"""The admin pages of settings: one form for each group of the registry, made from its typed keys."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import camel_case_to_spaces
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from api.admin import DeskAdmin, DeskForm, events_of
from settings_app import queries
from settings_app.models import StoredGroup
from settings_app.registry import DAY, GROUPS, Group, Key
from settings_app.services import change_settings


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4})

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class RowsField(LinesField):
    """A list of objects of texts, one a line, the members parted by |."""

    def __init__(self, members: Collection[str], **kwargs: Any) -> None:
        self.members = members
        super().__init__(**kwargs)

    def clean(self, value: Any) -> list[Any]:
        rows = []
        for line in super().clean(value):
            texts = [text.strip() for text in line.split("|")]
            if len(texts) != len(self.members):
                shown = " | ".join(self.members)
                raise forms.ValidationError(f"Expected {shown} on each line, not: {line[:80]}")
            rows.append(dict(zip(self.members, texts, strict=True)))
        return rows

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(" | ".join(row[name] for name in self.members) for row in value)


def label_of(name: str) -> str:
    """Return a key's name as words: apiFailuresPerMinute becomes "API failures per minute"."""
    words = camel_case_to_spaces(name).capitalize()
    return words.replace("Api ", "API ").replace(" url", " address")


def in_words(seconds: int) -> str:
    """Return a number of seconds in its largest whole unit."""
    for size, unit in ((DAY, "days"), (3600, "hours"), (60, "minutes")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return "at once" if not seconds else f"{seconds} s"


def field_of(key: Key, name: str) -> forms.Field:
    """Return the form field of a typed key, with its help and its default."""
    shown = ", ".join(map(str, key.default)) if key.type is list else key.default
    if key.type is int and key.help.startswith("Seconds"):
        shown = f"{shown} ({in_words(shown)})"
    about = {
        "label": label_of(name),
        "help_text": key.help if key.type is bool or shown == "" else f"{key.help} Default: {shown}.",
        "required": False,
    }
    if key.choices:
        choices = [(choice, choice) for choice in key.choices]
        return forms.ChoiceField(
            choices=choices, widget=UnfoldAdminSelectWidget, **about | {"required": True}
        )
    if key.type is bool:
        return forms.BooleanField(widget=UnfoldBooleanWidget, **about)
    if key.type is int:
        limits = {"min_value": key.lowest, "max_value": key.highest, "required": True}
        return forms.IntegerField(widget=UnfoldAdminIntegerFieldWidget, **about | limits)
    if key.type is list and key.members:
        one_a_line = f"{key.help} One a line: {' | '.join(key.members)}."
        return RowsField(key.members, **about | {"help_text": one_a_line})
    if key.type is list:
        return LinesField(**about)
    if name.endswith("Color"):
        return forms.CharField(widget=UnfoldAdminColorInputWidget, **about | {"required": True})
    return forms.CharField(max_length=2000, widget=UnfoldAdminTextInputWidget, **about)


class GroupForm(DeskForm):
    """The form of one group."""

    def __init__(self, group: Group, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update({name: field_of(key, name) for name, key in group.keys.items()})


@admin.register(StoredGroup)
class SettingsAdmin(DeskAdmin):
    read_scope, write_scope = "settings:read", "settings:write"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the groups, not the stored rows: a group exists before anything of it is stored."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        stored = {row.pk: row for row in StoredGroup.objects.all()}
        groups = [
            {
                "group": group,
                "url": self.here("change", group.name),
                "keys": ", ".join(label_of(name) for name in group.keys),
                "changed": len(stored[group.name].values) if group.name in stored else 0,
            }
            for group in GROUPS.values()
        ]
        return self.page(request, "admin/settings_app/groups.html", "Settings", groups=groups)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        group = GROUPS.get(object_id)
        if group is None:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = GroupForm(
            group,
            request.POST if request.method == "POST" else None,
            initial=queries.group_values(group.name),
        )

        def save(data: dict[str, Any]) -> HttpResponse:
            if not self.has_change_permission(request):
                raise PermissionDenied
            change_settings(group=group.name, values=data, actor=request.user)
            return self.to(request, "change", group.name, said=f"{group.title}: saved.")

        return self.form_page(
            request,
            form,
            save,
            title=group.title,
            template="admin/settings_app/group.html",
            events_url=events_of(group.name),
        )
