"""What every admin page of the desk shares: lists that stay fast, writes through services, forms in the
page's look.

No page here writes with `.objects`; the audit log is the events table, so Django's LogEntry stays empty.
"""

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin  # registers what is unregistered below
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from api.errors import Problem

SECRETS = frozenset({"password", "token_hash", "code_hash", "bearer_hash", "session_key", "session_data"})
# How an address may compare: by what a filter's links offer, never by a piece of a value.
COMPARED = frozenset({"id", "pk", "exact", "in", "isnull"})
FORM_IDS_KEPT = 20
SESSION_KEY = "desk_forms_done"
NAMES = {"allowedIps": "allowed_ips", "expiresIn": "lifetime", "expiresAt": "expires_at"}

# Rights come from roles: Django's groups mean nothing here (accounts/models.py).
admin.site.unregister(auth_admin.Group)


class DeskChangeList(ChangeList):
    """A list that offers "Show all" only when something narrows it."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class DeskAdmin(ModelAdmin):
    """An admin list: no full counts, no deletes, no LogEntry; history is the audit log of events."""

    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True
    empty_hint = ""  # what belongs in an empty list
    narrowed_by: tuple[
        str, ...
    ] = ()  # fields that the desk's own links narrow the list by, besides list_filter
    read_scope = write_scope = ""  # what a session opened by a token needs; "" in write_scope: nobody changes

    def may(self, request: HttpRequest, scope: str) -> bool:
        """Whether an admin may; one signed in by a token only what its scopes say, nothing with a team limit.

        Effective right = scope ∩ the user's rights ∩ the token's teams (tokens.md section 1).
        """
        caller = getattr(request, "caller", None)
        if not request.user.is_staff or not scope:
            return False
        return caller is None or (not caller.limited and caller.allows(scope))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.read_scope)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, self.write_scope)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.write_scope)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Whether an address may narrow a list so: by an id, or as a filter of the page does.

        Never by a secret, nor by a piece of any value: both could be guessed that way, letter by letter.
        """
        name, *rest = lookup.split("__")
        if SECRETS.intersection((name, *rest)):
            return False
        fields = {each.name for each in self.opts.get_fields()} | {"pk"}
        if name in fields:
            offered = {"id", "pk", *self.narrowed_by, *self.list_filter}
            own = {getattr(each, "parameter_name", None) for each in self.list_filter}
            if not ((name in offered and COMPARED.issuperset(rest)) or lookup in own):
                return False
        return super().lookup_allowed(lookup, value, request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DeskChangeList

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        return HttpResponseRedirect(events_of(object_id))

    def here(self, name: str, *arguments: Any) -> str:
        """Return the address of one of this model's pages: changelist, add, change, …"""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=arguments)

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """Return the object of a page. Raises Http404, or PermissionDenied for whom the admin lets only
        look."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        try:
            object_id = self.model._meta.pk.to_python(object_id)
        except ValidationError:
            object_id = None
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        """Return a page in the admin's frame."""
        request.current_app = self.admin_site.name
        everywhere = self.admin_site.each_context(request)
        return TemplateResponse(
            request,
            template,
            everywhere
            | {"title": title, "opts": self.opts, "model_admin": self, "list_url": self.here("changelist")}
            | context,
        )

    def form_page(
        self,
        request: HttpRequest,
        form: "DeskForm",
        save: Callable[[dict[str, Any]], HttpResponse],
        *,
        title: str,
        template: str = "admin/desk_form.html",
        **context: Any,
    ) -> HttpResponse:
        """Show a form; when it is sent and valid, answer with save(cleaned data); a Problem goes to its
        fields."""
        if request.method == "POST" and form.is_valid():
            try:
                return save(form.cleaned_data)
            except Problem as problem:
                form.take(problem)
        return self.page(request, template, title, form=form, media=self.media + form.media, **context)

    def to(self, request: HttpRequest, name: str, *arguments: Any, said: str = "") -> HttpResponse:
        """Redirect to one of this model's pages and say what was done."""
        if said:
            messages.success(request, said)
        return HttpResponseRedirect(self.here(name, *arguments))


class ReadOnlyAdmin(DeskAdmin):
    """Rows to look at, in a table that may be huge."""

    paginator = (
        InfinitePaginator  # no COUNT(*), which grows with the table (design.md, "Fast path for lists")
    )
    list_disable_select_all = True


class DeskForm(forms.Form):
    """A form in sections: `sections` lists (title, description, field names); `submit` names the button."""

    sections: Iterable[tuple[str, str, list[str]]] = ()
    submit = "Save"
    danger = False

    @cached_property
    def shown(self) -> list[dict[str, Any]]:
        """The sections for the template; without any, one of all fields."""
        sections = list(self.sections) or [("", "", list(self.fields))]
        return [
            {
                "title": title,
                "anchor": slugify(title),
                "description": description,
                "fields": [self[name] for name in names],
            }
            for title, description, names in sections
        ]

    def take(self, problem: Problem) -> None:
        """Show a refusal of a service at the fields that it names."""
        for each in problem.errors or [{"field": "", "detail": problem.detail}]:
            name = NAMES.get(each["field"], each["field"])
            self.add_error(name if name in self.fields else None, each["detail"] or problem.title)


class OnceForm(DeskForm):
    """A form whose answer shows a secret: sent a second time (reload, Back) it does nothing."""

    form_id = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_id"].initial = uuid.uuid4().hex

    def already_sent(self, request: HttpRequest) -> bool:
        """Whether this very form was sent before; only its id is remembered, never what it showed."""
        return self.cleaned_data["form_id"] in request.session.get(SESSION_KEY, [])

    def remember(self, request: HttpRequest) -> None:
        done = request.session.get(SESSION_KEY, [])
        request.session[SESSION_KEY] = [*done, self.cleaned_data["form_id"]][-FORM_IDS_KEPT:]


def refused(request: HttpRequest, problem: Problem) -> None:
    """Say in the page why a service refused."""
    messages.error(request, f"{problem.title}: {problem.detail}")


def events_of(object_id: Any) -> str:
    """Return the address of an object's audit trail."""
    return reverse("admin:events_event_changelist") + "?" + urlencode({"object_id": object_id})


def badge(text: str, tone: str, title: str = "") -> SafeString:
    """Return a small coloured label; `tone` is success, warning, danger, info or neutral."""
    return format_html('<span class="dk-badge dk-{}" title="{}">{}</span>', tone, title, text)


def holding(rows: QuerySet, text: str, *columns: str) -> QuerySet:
    """Return the rows with the text in one of the columns; ILIKE, so that the trigram indexes answer."""
    text = text.strip()
    if not text:
        return rows
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
    table = rows.model._meta.db_table
    found = " OR ".join(f'"{table}"."{column}" ILIKE %s' for column in columns)
    # extra(), for no lookup writes ILIKE; the columns are named in code, the text is a parameter.
    return rows.extra(where=[f"({found})"], params=[pattern] * len(columns))  # noqa: S610
