"""The endpoints of the queues, and of colleagues in a conversation."""

from collections.abc import Callable

from django.http import HttpResponse
from rest_framework.request import Request

from api.errors import Problem
from api.ids import parse_id
from api.inputs import read
from api.rendering import answer
from api.views import ApiView, fields
from messaging import queries, queue_queries, services
from messaging.models import Thread
from messaging.serializers import InviteInput, id_of
from messaging.views.conversations import agent_of


class Queues(ApiView):
    """`GET /api/threads/queue`: how many wait for each team, how long, and who could take one now."""

    family = "messages"

    def get(self, request: Request) -> HttpResponse:
        if request.GET:
            name = min(request.GET)[:80]
            raise Problem("unknown_parameter", f"{name!r} is unknown. Known: none.", parameter=name)
        return answer(queue_queries.queues(request.auth))


class ThreadInvite(ApiView):
    """`POST /api/threads/{id}/invite`: a colleague into a conversation."""

    family = "messages"

    def post(self, request: Request, id: str) -> HttpResponse:
        return _answered(services.invite, request, id)


class ThreadRemove(ApiView):
    """`POST /api/threads/{id}/remove`: an invited colleague out of a conversation."""

    family = "messages"

    def post(self, request: Request, id: str) -> HttpResponse:
        return _answered(services.remove_participant, request, id)


def _answered(service: Callable[..., Thread], request: Request, id: str) -> HttpResponse:
    """Do to a conversation and the `agent` of the body what a service does; answer with the conversation."""
    given, caller, thread_id = read(InviteInput, fields(request)), request.auth, parse_id(id)
    agent = agent_of(id_of(given.agent))
    assert agent is not None  # the body names one, and agent_of knows it
    service(thread_id=thread_id, agent=agent, actor=caller.user, visible=queries.visible_to(caller))
    return answer(queries.thread_shown(thread_id, caller))
