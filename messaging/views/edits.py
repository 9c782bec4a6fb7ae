"""The endpoints of one message: reading, editing and recalling it."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request

from api.ids import parse_id
from api.inputs import read
from api.rendering import answer
from api.views import ApiView, check_match, fields
from messaging import queries, services
from messaging.serializers import MessageChange, Nothing


class OneMessage(ApiView):
    """`/api/messages/{id}`."""

    family = "messages"

    def get(self, request: Request, id: str) -> HttpResponse:
        return _answer(queries.message(parse_id(id), request.auth))

    def put(self, request: Request, id: str) -> HttpResponse:
        given, caller = read(MessageChange, fields(request), shown=queries.MESSAGES.columns), request.auth
        return _answer(
            services.edit_message(
                message_id=parse_id(id),
                content=None if given.content is UNSET else given.content,
                actor=caller.user,
                visible=queries.visible_to(caller),
                match=partial(check_match, request),
            )
        )

    patch = put


class MessageRecall(ApiView):
    """`POST /api/messages/{id}/recall`."""

    family = "messages"

    def post(self, request: Request, id: str) -> HttpResponse:
        read(Nothing, fields(request))
        caller = request.auth
        return _answer(
            services.recall_message(
                message_id=parse_id(id), actor=caller.user, visible=queries.visible_to(caller)
            )
        )


def _answer(shown: dict[str, Any]) -> HttpResponse:
    return answer(shown, etag=queries.message_etag(shown))
