"""Form fields made for tokens: the domain editor and the scope picker; both work without scripts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string

from tokens import domains
from tokens.scopes import MEANINGS

WARNINGS = {
    "public_suffix_wildcard": "Anybody can register a name under this suffix: the entry admits strangers.",
    "ipv6_no_frame": "Browsers cannot match an IPv6 address in frames: links and API calls only.",
}
WORKSTATION = [
    "login:agent",
    "tickets:read",
    "tickets:write",
    "messages:read",
    "messages:write",
    "users:read",
    "statistics:read",
    "settings:read",
    "events:read",
]
API_CLIENT = [
    "tickets:read",
    "tickets:write",
    "messages:read",
    "messages:write",
    "users:read",
    "statistics:read",
    "events:read",
]
READ_ONLY = ["tickets:read", "messages:read", "users:read", "statistics:read", "settings:read", "events:read"]
PRESETS = (
    ("Workstation", "Agents sign in and work", WORKSTATION),
    ("API client", "A program works on tickets and messages", API_CLIENT),
    ("Read only", "Dashboards and exports", READ_ONLY),
    ("Everything", "All that the user may do", list(MEANINGS)),
)
GROUPS = (
    ("Sign in", ("login:agent", "login:admin")),
    ("Tickets and messages", ("tickets:read", "tickets:write", "messages:read", "messages:write")),
    (
        "People, figures, settings",
        ("users:read", "users:write", "statistics:read", "settings:read", "settings:write"),
    ),
    ("Tokens and events", ("tokens:self", "tokens:read", "tokens:write", "events:read")),
)  # fmt: skip


def explained(text: str, desk_scheme: str) -> dict[str, Any]:
    """Return what the domain editor says about one entry: how it is stored and what it matches."""
    try:
        entry = domains.parse_entry(text)
    except domains.EntryError as error:
        return {"entry": text, "ok": False, "code": error.code, "text": error.detail, "warnings": []}
    return {
        "entry": text,
        "ok": True,
        "stored": str(entry),
        "text": entry.explain(desk_scheme),
        "warnings": [{"code": code, "text": WARNINGS.get(code, code)} for code in entry.warnings()],
    }


class LinesField(forms.CharField):
    """A list of words, one a line; commas and semicolons part them too, for who pastes a list."""

    def to_python(self, value: Any) -> list[str]:
        text = super().to_python(value) or ""
        return [
            line.strip() for line in text.replace(",", "\n").replace(";", "\n").splitlines() if line.strip()
        ]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def validate(self, value: list[str]) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: list[str]) -> None:
        """Lines are judged by the service that stores them."""


class DomainEditor(forms.Textarea):
    """One row an entry, each with what it matches; a text area where scripts do not run."""

    def _render(self, template_name, context, renderer=None):
        return render_to_string("admin/tokens/domain_editor.html", context)


class ScopePicker(forms.CheckboxSelectMultiple):
    """Checkboxes in groups, with what each scope opens, and presets above."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Sequence = ()) -> None:
        super().__init__(attrs, choices)

    def _render(self, template_name, context, renderer=None):
        options = {
            option["value"]: option for _, group, _ in context["widget"]["optgroups"] for option in group
        }
        context["groups"] = [
            (title, [options[name] | {"meaning": MEANINGS[name]} for name in names if name in options])
            for title, names in GROUPS
        ]
        context["presets"] = [(title, meaning, " ".join(names)) for title, meaning, names in PRESETS]
        return render_to_string("admin/tokens/scope_picker.html", context)
