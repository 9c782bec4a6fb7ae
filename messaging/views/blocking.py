"""The endpoints that block a visitor and let it write again."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api.ids import parse_id
from api.inputs import read
from api.rendering import answer
from api.views import ApiView, fields
from messaging import queries
from messaging.serializers import Nothing


class VisitorAction(ApiView):
    """`POST /api/visitors/{id}/block`, `unblock`: one service, named in the address."""

    family = "messages"
    service: Any = None

    def post(self, request: Request, id: str) -> HttpResponse:
        read(Nothing, fields(request))
        caller, visitor_id = request.auth, parse_id(id)
        visible = queries.visitors_visible_to(caller)
        self.service(visitor_id=visitor_id, actor=caller.user, visible=visible)
        shown = queries.visitor(visitor_id, caller)
        return answer(shown, etag=queries.etag(shown))
