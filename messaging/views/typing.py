"""`POST /api/threads/{id}/typing`: an agent is writing."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.ids import parse_id
from api.inputs import read
from api.rendering import answer
from api.views import ApiView, fields
from messaging import queries
from messaging.models import Thread
from messaging.serializers import TypingInput
from messaging.services import typing


class ThreadTyping(ApiView):
    """`POST /api/threads/{id}/typing`: tells its visitor; nothing is stored."""

    family = "messages"
    idempotent = False

    def post(self, request: Request, id: str) -> HttpResponse:
        given, caller, thread_id = read(TypingInput, fields(request)), request.auth, parse_id(id)
        queries.thread(thread_id, caller)
        typing.agent_types(thread=Thread.objects.get(pk=thread_id), user=caller.user, typing=given.typing)
        return answer({"id": thread_id, "typing": given.typing})
