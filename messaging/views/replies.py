"""The endpoints of canned replies."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from api.ids import parse_id
from api.inputs import read, sent
from api.rendering import answer
from api.views import ApiView, check_match, fields
from messaging import replies_queries as queries
from messaging import services
from messaging.serializers import RenderInput, ReplyChange, ReplyInput, id_of


class ReplyList(ApiView):
    """`GET /api/replies/list`: the caller's own, those of its teams, and the shared ones."""

    family = "messages"

    def get(self, request: Request) -> HttpResponse:
        caller = request.auth
        return queries.REPLIES.page(request, where=queries.replies_visible_to(caller), caller=caller)


class ReplyCreate(ApiView):
    """`POST /api/replies/create`."""

    family = "messages"

    def post(self, request: Request) -> HttpResponse:
        given, caller = read(ReplyInput, fields(request), shown=queries.REPLIES.columns), request.auth
        made = services.create_reply(**_as_service(sent(given)), actor=caller.user, caller=caller)
        return _answer(made.pk, caller)


class OneReply(ApiView):
    """`/api/replies/{id}`."""

    family = "messages"

    def get(self, request: Request, id: str) -> HttpResponse:
        return _answer(parse_id(id), request.auth)

    def put(self, request: Request, id: str) -> HttpResponse:
        changes = sent(read(ReplyChange, fields(request), shown=queries.REPLIES.columns))
        services.change_reply(reply_id=parse_id(id), changes=_as_service(changes), **_by(request))
        return _answer(parse_id(id), request.auth)

    patch = put

    def delete(self, request: Request, id: str) -> HttpResponse:
        reply_id = parse_id(id)
        services.delete_reply(reply_id=reply_id, **_by(request))
        return answer({"id": reply_id, "deleted": True})


class ReplyRender(ApiView):
    """`POST /api/replies/{id}/render`: the text with what a `thread` fills in."""

    family = "messages"
    scopes = {"POST": "messages:read"}  # nothing is changed by it

    def post(self, request: Request, id: str) -> HttpResponse:
        given, caller = read(RenderInput, fields(request)), request.auth
        return answer(queries.rendered(parse_id(id), given.thread, caller))


def _as_service(given: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent as services take it: the team and the attachments as ids."""
    ids: dict[str, Any] = {"team": id_of(given["team"])} if "team" in given else {}
    if "attachments" in given:
        ids["attachments"] = [id_of(each) for each in given["attachments"]]
    return given | ids


def _by(request: Request) -> dict[str, Any]:
    """Return who changes, and the check of If-Match, as services take them."""
    caller = request.auth
    return {"actor": caller.user, "caller": caller, "match": partial(check_match, request)}


def _answer(reply_id: UUID, caller: Any) -> HttpResponse:
    shown = queries.reply(reply_id, caller)
    return answer(shown, etag=queries.etag(shown))
