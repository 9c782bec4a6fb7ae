"""The endpoints of settings."""

from functools import partial

from django.http import HttpResponse
from rest_framework.request import Request

from api.errors import Problem
from api.rendering import answer
from api.views import ApiView, check_match, fields
from settings_app import queries, services

SHOWN = ("id", "title", "keys", "version")  # of a whole object that is sent back


class SettingsList(ApiView):
    """`GET /api/settings/list`: the groups that the caller may read."""

    family = "settings"

    def get(self, request: Request) -> HttpResponse:
        if request.GET:
            name = min(request.GET)[:80]
            raise Problem("unknown_parameter", f"{name!r} is unknown: none is known here.", parameter=name)
        groups = queries.groups(everything=_reads_everything(request))
        response = answer(groups)
        response["X-Total-Count"] = str(len(groups))
        return response


class OneGroup(ApiView):
    """`/api/settings/{group}`: PUT changes the values that it names."""

    family = "settings"

    def get(self, request: Request, group: str) -> HttpResponse:
        self._check_may_see(request, group)
        shown = queries.shown(group)
        return answer(shown, etag=queries.etag(shown))

    def put(self, request: Request, group: str) -> HttpResponse:
        """Take `{"values": {…}}`, the form in which a group goes out, or its members alone."""
        self._check_may_see(request, group)
        given = fields(request)
        values = given
        if isinstance(given.get("values"), dict):
            values = given["values"] | {
                name: value for name, value in given.items() if name not in ("values", *SHOWN)
            }
        shown = services.change_settings(
            group=group, values=values, actor=request.auth.user, match=partial(check_match, request)
        )
        return answer(shown, etag=queries.etag(shown))

    patch = put

    def _check_may_see(self, request: Request, group: str) -> None:
        if not queries.may_read(group, everything=_reads_everything(request)):
            raise Problem("not_found")


def _reads_everything(request: Request) -> bool:
    """Agents read public groups only; the rest is for admins and supervisors whom no team limits."""
    caller = request.auth
    return bool(caller.sees_all)
