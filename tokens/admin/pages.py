"""The pages that change tokens: issue, edit, disable, enable, rotate, revoke; and the doctor."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from api.admin import refused
from api.errors import Problem
from api.requests import own_origin
from tokens import doctor, services
from tokens.admin import forms
from tokens.admin.findings import own_limits, with_tones
from tokens.admin.snippets import snippets
from tokens.handoff.services import end_sessions
from tokens.models import AccessToken, HandoffSession
from tokens.services.issuing import checked_domains, checked_ips
from tokens.services.limits import Limits, both

ONCE = "This form was sent before. The token it made was shown then, and is shown only once."
MOST_AT_ONCE = 100


class TokenPages:
    """Pages of AccessTokenAdmin; every change goes through tokens.services with the admin as its actor."""

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = request.GET.get("user", "")
        form = forms.IssueForm(request.POST or None, initial={"user": user} if user else None)

        def save(data: dict[str, Any]) -> HttpResponse:
            if form.already_sent(request):
                messages.warning(request, ONCE)
                return self.to(request, "changelist")
            values = form.values()
            if limits := own_limits(request):
                ends = timezone.now() + timedelta(seconds=values["expires_in"])
                limits.check(**_compared(values), scopes=values["scope_names"], expires_at=ends)
            issued = services.issue_token(actor=request.user, issuer=own_origin(request), **values)
            form.remember(request)
            return self.secret_page(request, issued, "Token issued")

        return self.form_page(
            request, form, save, title="Issue an access token", template="admin/tokens/token_form.html"
        )

    def secret_page(self, request: HttpRequest, issued: services.Issued, title: str) -> HttpResponse:
        """Show a new token this once, in the answer to the POST and nowhere else (tokens.md section 1).

        Like every page of the admin it is sent with `no-store` (Django's never_cache, api.middleware).
        """
        row = issued.row
        return self.page(
            request,
            "admin/tokens/secret.html",
            title,
            row=row,
            secret=issued.text,
            snippets=snippets(own_origin(request), issued.text, row.scopes),
            token_url=self.here("change", row.pk),
        )

    def edit_page(self, request: HttpRequest, row: AccessToken) -> HttpResponse:
        form = forms.EditForm(row, request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            changes, limits = form.changes(), own_limits(request)
            guard = limits and both(limits.guard, _result(limits, changes))
            services.edit_token(row=row, actor=request.user, guard=guard, **changes)
            return self.to(
                request, "change", row.pk, said="The token was changed; that holds everywhere now."
            )

        return self.form_page(
            request,
            form,
            save,
            title=f"Edit {row}",
            template="admin/tokens/token_form.html",
            original=row,
            back_url=self.here("change", row.pk),
        )

    def confirm(
        self,
        request: HttpRequest,
        row: AccessToken,
        form: forms.DeskForm,
        title: str,
        question: str,
        save: Callable[[dict[str, Any]], HttpResponse],
    ) -> HttpResponse:
        return self.form_page(
            request,
            form,
            save,
            title=title,
            question=question,
            original=row,
            back_url=self.here("change", row.pk),
        )

    def disable_page(self, request: HttpRequest, row: AccessToken) -> HttpResponse:
        def save(data: dict[str, Any]) -> HttpResponse:
            self.disable_one(row, request)
            return self.to(
                request, "change", row.pk, said="The token is disabled, and its sessions have ended."
            )

        return self.confirm(
            request,
            row,
            forms.ConfirmForm(_sent(request), submit="Disable"),
            f"Disable {row}?",
            "Calls with it are refused and its sessions end at once. You can enable it again.",
            save,
        )

    def enable_page(self, request: HttpRequest, row: AccessToken) -> HttpResponse:
        def save(data: dict[str, Any]) -> HttpResponse:
            self.enable_one(row, request)
            return self.to(request, "change", row.pk, said="The token works again.")

        return self.confirm(
            request,
            row,
            forms.ConfirmForm(_sent(request), submit="Enable"),
            f"Enable {row}?",
            "The token works again wherever it is stored. Sessions that ended stay ended.",
            save,
        )

    def rotate_page(self, request: HttpRequest, row: AccessToken) -> HttpResponse:
        form = forms.RotateForm(request.POST or None)

        def save(data: dict[str, Any]) -> HttpResponse:
            if form.already_sent(request):
                messages.warning(request, ONCE)
                return self.to(request, "change", row.pk)
            limits = own_limits(request)
            issued = services.rotate_token(
                row=row,
                actor=request.user,
                grace=data["grace"],
                issuer=own_origin(request),
                latest=limits.ends if limits and limits.row.pk != row.pk else None,
                guard=limits and limits.guard,
            )
            form.remember(request)
            return self.secret_page(request, issued, "Token rotated")

        return self.confirm(
            request,
            row,
            form,
            f"Rotate {row}?",
            "A new token with the same rights takes its place. It is shown once, on the next page.",
            save,
        )

    def revoke_page(self, request: HttpRequest, row: AccessToken) -> HttpResponse:
        def save(data: dict[str, Any]) -> HttpResponse:
            services.revoke_token(row=row, actor=request.user, reason=data["reason"])
            return self.to(
                request, "change", row.pk, said="The token is revoked, and its sessions have ended."
            )

        return self.confirm(
            request,
            row,
            forms.RevokeForm(_sent(request)),
            f"Revoke {row}?",
            "Calls with it are refused and its sessions end at once. This cannot be undone.",
            save,
        )

    def disable_one(self, row: AccessToken, request: HttpRequest) -> None:
        services.disable_token(row=row, actor=request.user)

    def enable_one(self, row: AccessToken, request: HttpRequest) -> None:
        limits = own_limits(request)
        services.enable_token(row=row, actor=request.user, guard=limits and limits.guard)

    def each_of(
        self, request: HttpRequest, rows: Iterable[AccessToken], done: str, change: Callable[..., Any]
    ) -> None:
        """Change the selected tokens one by one, and say how many were and why the others were not."""
        changed = 0
        for row in rows[:MOST_AT_ONCE]:
            try:
                change(row, request)
                changed += 1
            except Problem as problem:
                refused(request, Problem(problem.code, f"{row}: {problem.detail}"))
        if changed:
            messages.success(request, f"{changed} token{'s were' if changed > 1 else ' was'} {done}.")

    def revoke_many_page(self, request: HttpRequest, rows: Any) -> HttpResponse | None:
        rows = list(rows[:MOST_AT_ONCE])
        form = forms.RevokeForm(request.POST if "confirmed" in request.POST else None)
        if "confirmed" in request.POST and form.is_valid():
            reason = form.cleaned_data["reason"]

            def revoke(row: AccessToken, request: HttpRequest) -> None:
                services.revoke_token(row=row, actor=request.user, reason=reason)

            self.each_of(request, rows, "revoked", revoke)
            return None
        hidden = [("action", "revoke_selected"), ("confirmed", "1")]
        hidden += [(ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows]
        return self.page(
            request,
            "admin/desk_form.html",
            f"Revoke {len(rows)} token{'s' if len(rows) > 1 else ''}?",
            form=form,
            media=self.media,
            hidden=hidden,
            question="Calls with them are refused and their sessions end at once. This cannot be undone.",
            listed=[str(row) for row in rows],
            back_url=self.here("changelist"),
        )

    def end_session(self, request: HttpRequest, object_id: Any, session_id: Any) -> HttpResponse:
        row = self.found(request, str(object_id))
        if request.method != "POST":
            raise Http404
        session = get_object_or_404(HandoffSession, pk=session_id, token=row)
        end_sessions([session.pk], reason="ended_by_admin", actor=request.user)
        return self.to(request, "change", row.pk, said="The session has ended.")

    def doctor_page(self, request: HttpRequest, row: AccessToken) -> HttpResponse:
        """Say what will happen to a page or call with this token, and why (the embed doctor)."""
        form = forms.DoctorForm(request.POST or None)
        findings = None
        if request.method == "POST" and form.is_valid():
            findings = diagnosed(request, row, form.cleaned_data)
        return self.page(
            request,
            "admin/tokens/doctor.html",
            f"Doctor of {row}",
            form=form,
            media=self.media,
            findings=findings,
            original=row,
            back_url=self.here("change", row.pk),
        )

    def pasted_doctor_page(self, request: HttpRequest) -> HttpResponse:
        form = forms.PastedDoctorForm(request.POST or None)
        findings = None
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            findings = diagnosed(request, "".join(data["token"].split()), data)
            # A fresh form: the token must not come back in the page.
            form = forms.PastedDoctorForm(initial={"origin": data["origin"], "path": data["path"]})
        return self.page(
            request,
            "admin/tokens/doctor.html",
            "Examine a token",
            form=form,
            media=self.media,
            findings=findings,
            back_url=self.here("changelist"),
        )


def diagnosed(request: HttpRequest, what: AccessToken | str, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the doctor's findings with the tone and sign that the page gives them."""
    path = data["path"] or doctor.LOGIN
    return with_tones(doctor.diagnose(what, data["origin"] or None, path, own_origin(request)))


def _compared(values: dict[str, Any]) -> dict[str, Any]:
    return {
        "team_ids": values["team_ids"],
        "entries": checked_domains(values["entries"]),
        "allow_no_origin": values["allow_no_origin"],
        "allowed_ips": checked_ips(values["allowed_ips"]),
    }


def _result(limits: Limits, changes: dict[str, Any]) -> Callable[[AccessToken], None]:
    """Return the guard that looks at what an edited token would be able to do."""

    def guard(row: AccessToken) -> None:
        values = {
            "team_ids": changes.get("teams", row.team_ids),
            "entries": changes.get("domains", row.domains),
            "allow_no_origin": changes.get("allow_no_origin", row.allow_no_origin),
            "allowed_ips": changes.get("allowed_ips", row.allowed_ips),
        }
        scopes = changes.get("scopes", row.scopes)
        limits.check(**_compared(values), scopes=scopes, expires_at=min(row.expires_at, limits.ends))

    return guard


def _sent(request: HttpRequest) -> Any:
    """What a form of optional fields was sent with; None (not {}) while it is only shown."""
    return request.POST if request.method == "POST" else None
