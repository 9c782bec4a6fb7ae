"""`POST /api/chat/human`: the visitor of a robot wants a person."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.inputs import read
from api.rendering import answer
from api.requests import client_ip, site_of
from api.views import fields
from messaging.chat import queries
from messaging.chat.serializers import HumanInput
from messaging.chat.views import ChatView, kind_of
from messaging.services.people import ask_for_person
from settings_app.queries import setting
from tokens import throttle


class Human(ChatView):
    """`POST /api/chat/human`: before the first message too; people who have the conversation keep it."""

    def post(self, request: Request) -> HttpResponse:
        # It writes without the visitor's pace counting it: closing and asking in turn would fill the desk.
        throttle.count_call("chat", site_of(client_ip(request)), setting("chat", "opensPerMinute"))
        given, kind = read(HumanInput, fields(request)), kind_of(request.GET.get("t", "2"))
        visitor = request.auth.visitor
        ask_for_person(visitor=visitor, type=kind, sid=given.sid)
        found = queries.current_thread(visitor.pk, kind)
        return answer(queries.thread_shown(found) if found else None)
