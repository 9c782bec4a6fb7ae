"""The embed studio: choose what of the desk a page shows, see it in a foreign page, copy the snippet.

The preview is a page of this desk under another host name (tokens.preview), so that the browser treats it as
the foreign site that it stands for. It gets one-time tokens of the chosen token, one for each opening.
"""

import json
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from api.admin import DeskForm
from api.errors import Problem, problem_response
from api.requests import own_origin
from tokens import doctor, domains, policy, services
from tokens.admin.findings import own_limits, with_tones
from tokens.models import AccessToken, State
from tokens.preview import preview_origin

VIEWS = (
    ("", "The whole workstation"),
    ("inbox", "Inbox: the list of conversations"),
    ("badge", "Badge: how much is unread"),
    ("stats", "Figures"),
)
PREVIEW_SECONDS = 60


class StudioForm(DeskForm):
    """What is embedded, and how; sent by GET, so that a choice has an address."""

    origin = forms.CharField(
        required=False,
        max_length=300,
        label="Your page",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://portal.example.com"}),
        help_text="The origin of the page that will show the desk: the doctor examines it.",
    )
    view = forms.ChoiceField(choices=VIEWS, required=False, widget=UnfoldAdminSelectWidget)
    theme = forms.ChoiceField(
        choices=(("auto", "As the reader's system"), ("light", "Light"), ("dark", "Dark")),
        required=False,
        initial="auto",
        widget=UnfoldAdminSelectWidget,
    )
    lang = forms.ChoiceField(
        choices=(("", "The reader's language"), ("en", "English"), ("zh-hans", "简体中文")),
        required=False,
        label="Language",
        widget=UnfoldAdminSelectWidget,
    )
    chrome = forms.ChoiceField(
        choices=(("", "With the bar at the top"), ("0", "Without it")),
        required=False,
        label="Bar",
        widget=UnfoldAdminSelectWidget,
    )
    height = forms.IntegerField(
        required=False,
        min_value=120,
        max_value=2000,
        initial=640,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text="Pixels.",
    )
    submit = "Show"

    def clean_origin(self) -> str:
        text = self.cleaned_data["origin"].strip().rstrip("/")
        if text and domains.parse_origin(text) is None:
            raise forms.ValidationError("Expected an origin such as https://portal.example.com.")
        return text


class StudioPages:
    """Pages of AccessTokenAdmin: the studio of one token, and the tokens that its preview asks for."""

    def studio_page(self, request: HttpRequest, row: AccessToken) -> HttpResponse:
        form = StudioForm(request.GET or None, initial={"theme": "auto", "height": 640})
        chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
        desk, foreign = own_origin(request), preview_origin(request)
        page = self.page(
            request,
            "admin/tokens/studio.html",
            f"Embed studio of {row}",
            form=form,
            media=self.media,
            original=row,
            snippet=snippet(desk, chosen),
            frame=frame(desk, chosen),
            findings=findings(row, chosen.get("origin") or foreign or desk, desk),
            preview=f"{foreign or desk}/embed/preview?{urlencode({'desk': desk})}",
            foreign=foreign,
            chosen_options=json.dumps(options(chosen)),
            admits=not row.domains or domains.matches(row.domains, foreign or desk, request.scheme or "http"),
            in_force=row.in_force(timezone.now()),
            back_url=self.here("change", row.pk),
        )
        ancestors = policy.ancestors(request)
        page[policy.CSP] = policy.policy(
            nonce=request.csp_nonce, frame_ancestors=ancestors, admin=True, frames=[foreign or desk]
        )
        return page

    def studio_choice_page(self, request: HttpRequest) -> HttpResponse:
        """Let the admin choose the token that the page will use."""
        usable = AccessToken.objects.filter(state=State.ACTIVE, expires_at__gt=timezone.now(), surface="")
        usable = usable.filter(scopes__contains=["login:agent"]).select_related("user")
        rows = [(row, self.here("studio", row.pk)) for row in usable.order_by("-created_at")[:50]]
        return self.page(request, "admin/tokens/studio_choice.html", "Embed studio", rows=rows)

    def studio_token(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Return a one-time token for the preview, as JSON; what the admin's own token could not do is
        refused.
        """
        row = self.found(request, str(object_id))
        if request.method != "POST":
            raise Http404
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            if limits := own_limits(request):
                limits.guard(row)
            issued = services.issue_one_time(
                parent=row,
                surface="agent",
                ttl=PREVIEW_SECONDS,
                actor=request.user,
                issuer=own_origin(request),
            )
        except Problem as problem:
            return problem_response(request, problem)
        answer = JsonResponse({"accessToken": issued.text})
        answer["Cache-Control"] = "no-store"
        return answer


def options(chosen: dict[str, Any]) -> dict[str, Any]:
    """Return the options of InlayDesk.open that differ from its defaults."""
    found = {name: chosen.get(name) for name in ("view", "theme", "lang", "chrome")}
    given = {name: value for name, value in found.items() if value and (name, value) != ("theme", "auto")}
    return given | {"height": chosen.get("height") or 640}


def snippet(desk: str, chosen: dict[str, Any]) -> str:
    """Return what a page needs to show the desk by embed/desk.js."""
    lines = "".join(f"    {name}: {json.dumps(value)},\n" for name, value in options(chosen).items())
    return (
        f'<div id="support"></div>\n<script src="{desk}/static/embed/desk.js"></script>\n<script>\n'
        '  const desk = InlayDesk.open({\n    container: "#support",\n'
        '    token: () => fetch("/my/desk-token").then((response) => response.text()),\n'
        f"{lines}  }});\n</script>"
    )


def frame(desk: str, chosen: dict[str, Any]) -> str:
    """Return the bare iframe, for pages without scripts; the token goes where the word stands."""
    given = options(chosen)
    height = given.pop("height")
    query = "".join(f"&{name}={value}" for name, value in given.items())
    return (
        f'<iframe\n  src="{desk}/agent/auth/login?accessToken=YOUR_ACCESS_TOKEN{query}"\n'
        f'  title="Customer service" width="100%" height="{height}" allow="clipboard-write"></iframe>'
    )


def findings(row: AccessToken, origin: str, desk: str) -> list[dict[str, Any]]:
    """Return what the embed doctor says of a page that frames the workstation with this token."""
    return with_tones(doctor.diagnose(row, origin, doctor.LOGIN, desk))
