"""Forms of the token pages: issue, edit, rotate, revoke, confirm, and the doctor's questions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import Team, User
from api.admin import DeskForm, OnceForm
from settings_app.queries import setting
from tokens.admin.widgets import WORKSTATION, DomainEditor, LinesField, ScopePicker
from tokens.models import AccessToken
from tokens.scopes import MEANINGS

HOUR, DAY = 3600, 86_400
LIFETIMES = (
    (HOUR, "1 hour"),
    (8 * HOUR, "8 hours"),
    (DAY, "1 day"),
    (7 * DAY, "7 days"),
    (30 * DAY, "30 days"),
    (90 * DAY, "90 days"),
    (180 * DAY, "180 days"),
    (365 * DAY, "1 year"),
)
GRACES = (
    (0, "None: the old token ends at once"),
    (HOUR, "1 hour"),
    (DAY, "24 hours"),
    (3 * DAY, "3 days"),
    (7 * DAY, "7 days"),
)
LOCAL = "%Y-%m-%dT%H:%M"


def duration(seconds: int) -> str:
    """Return a length of time as a person would say it."""
    for size, name in ((DAY, "day"), (HOUR, "hour"), (60, "minute")):
        if seconds % size == 0 and seconds >= size:
            return f"{seconds // size} {name}{'s' if seconds != size else ''}"
    return f"{seconds} seconds"


class TokenFields(DeskForm):
    """What issue and edit have in common."""

    name = forms.CharField(
        max_length=120,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Partner portal, production"}),
        help_text="Where it is used, so that you find it again.",
    )
    scopes = forms.MultipleChoiceField(
        choices=[(name, name) for name in MEANINGS],
        widget=ScopePicker,
        help_text="A token never adds rights: it may do what its scopes and its user's role both allow.",
        error_messages={"required": "Choose at least one scope."},
    )
    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.all(),
        required=False,
        label="Only these teams",
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text="Empty: the work of all teams that the user sees.",
    )
    domains = LinesField(
        required=False,
        label="Allowed domains",
        widget=DomainEditor,
        help_text="Pages on these domains may use the token: in links, frames and calls from the browser.",
    )
    allow_no_origin = forms.BooleanField(
        required=False,
        label="Servers may use it too",
        widget=UnfoldBooleanWidget,
        help_text="Admits calls without an Origin, as curl and servers send them. "
        "The domain list cannot stop those: limit their addresses below.",
    )
    allowed_ips = LinesField(
        required=False,
        label="Allowed addresses",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "203.0.113.0/24"}),
        help_text="One address or network a line. Empty: any address.",
    )


class IssueForm(TokenFields, OnceForm):
    user = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True),
        label="Signs in as",
        help_text="Type a piece of the name or e-mail.",
        error_messages={"invalid_choice": "Choose an active user."},
    )
    lifetime = forms.TypedChoiceField(coerce=int, widget=UnfoldAdminSelectWidget, label="Lives for")
    disabled = forms.BooleanField(
        required=False,
        label="Issue it disabled",
        widget=UnfoldBooleanWidget,
        help_text="Nothing opens until somebody enables it.",
    )
    sections = (
        ("Who", "", ["user", "name"]),
        ("What it may do", "", ["scopes", "teams"]),
        (
            "From where",
            "One list binds links, frames, browser calls and messages between windows.",
            ["domains", "allow_no_origin", "allowed_ips"],
        ),
        ("How long", "", ["lifetime", "disabled"]),
    )
    submit = "Issue token"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].widget = AutocompleteSelect(
            AccessToken._meta.get_field("user"),
            admin.site,
            attrs={"class": "unfold-admin-autocomplete"},
        )
        self.fields["user"].widget.choices = self.fields["user"].choices
        longest, usual = setting("tokens", "lifetimeLongest"), setting("tokens", "lifetimeDefault")
        lengths = {seconds for seconds, _ in LIFETIMES if seconds <= longest} | {min(usual, longest)}
        self.fields["lifetime"].choices = [(seconds, duration(seconds)) for seconds in sorted(lengths)]
        self.fields["lifetime"].initial = min(usual, longest)
        self.fields["scopes"].initial = WORKSTATION

    def values(self) -> dict[str, Any]:
        """Return the cleaned fields as tokens.services.issue_token takes them."""
        data = self.cleaned_data
        return {
            "user": data["user"],
            "name": data["name"],
            "scope_names": data["scopes"],
            "team_ids": [team.pk for team in data["teams"]],
            "entries": data["domains"],
            "allow_no_origin": data["allow_no_origin"],
            "allowed_ips": data["allowed_ips"],
            "expires_in": data["lifetime"],
            "disabled": data["disabled"],
        }


class EditForm(TokenFields):
    expires_at = forms.DateTimeField(
        label="Ends (UTC)",
        input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"],
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
        help_text="May be brought forward; for a longer life rotate the token.",
    )
    sections = (
        ("Who", "", ["name"]),
        ("What it may do", "", ["scopes", "teams"]),
        ("From where", "Holds at once, also for open pages and streams.",
         ["domains", "allow_no_origin", "allowed_ips"]),
        ("How long", "", ["expires_at"]),
    )  # fmt: skip

    def __init__(self, row: AccessToken, *args: Any, **kwargs: Any) -> None:
        self.row = row
        initial = {
            "name": row.name,
            "scopes": row.scopes,
            "teams": row.team_ids,
            "domains": row.domains,
            "allow_no_origin": row.allow_no_origin,
            "allowed_ips": row.allowed_ips,
            "expires_at": row.expires_at.astimezone(timezone.get_default_timezone()).strftime(LOCAL),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["expires_at"].widget.attrs["max"] = initial["expires_at"]

    def changes(self) -> dict[str, Any]:
        """Return the changed fields as tokens.services.edit_token takes them."""
        data = self.cleaned_data | {"teams": [team.pk for team in self.cleaned_data["teams"]]}
        return {name: data[name] for name in self.changed_data}

    @property
    def changed_data(self) -> list[str]:
        """The fields that differ; the end is compared as shown, to the minute."""
        same_end = self.data.get("expires_at", "")[:16] == self.initial["expires_at"]
        return [name for name in super().changed_data if not (name == "expires_at" and same_end)]


class ConfirmForm(DeskForm):
    """A question that is answered by sending it."""

    def __init__(self, *args: Any, submit: str, danger: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.submit, self.danger = submit, danger


class RevokeForm(DeskForm):
    reason = forms.CharField(
        max_length=300,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Leaked in a ticket"}),
        help_text="Kept with the token and in the audit log.",
    )
    submit, danger = "Revoke for good", True


class RotateForm(OnceForm):
    grace = forms.TypedChoiceField(
        coerce=int,
        choices=GRACES,
        widget=UnfoldAdminSelectWidget,
        label="The old token still works for",
        help_text="Time to put the new one into place. It never works longer than it would have anyway.",
    )
    submit = "Rotate and show the new token"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = setting("tokens", "rotationGrace")
        choices = dict(GRACES) | ({} if usual in dict(GRACES) else {usual: duration(usual)})
        self.fields["grace"].choices = sorted(choices.items())
        self.fields["grace"].initial = usual


class DoctorForm(DeskForm):
    origin = forms.CharField(
        required=False,
        max_length=300,
        label="Origin of the page",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://partner.example.com"}),
        help_text="Where the page that embeds or calls the desk is. Empty: a server's call.",
    )
    path = forms.CharField(
        required=False,
        max_length=300,
        initial="/agent/auth/login",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "/agent/auth/login"}),
        help_text="What it opens: /agent/auth/login, /admin/auth/login, or a call such as /api/tickets/list.",
    )
    submit = "Examine"


class PastedDoctorForm(DoctorForm):
    """Examines a token by its text; nothing of it is kept."""

    token = forms.CharField(
        max_length=1100,
        strip=True,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "placeholder": "eyJ…"}
        ),
        help_text="It is examined and forgotten: not stored, not logged, not shown again.",
    )
    field_order = ["token", "origin", "path"]
