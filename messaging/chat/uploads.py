"""A visitor's files: sending one in, and asking for a link that works now."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.ids import parse_id
from api.rendering import answer
from api.requests import client_ip, site_of
from api.uploads import FormParser, uploaded
from messaging import attachments_queries as queries
from messaging.chat.views import ChatView
from messaging.services.attachments import check_pace, store_attachment
from tokens import throttle

PER_MINUTE = 60  # files from one address


class Upload(ChatView):
    """`POST /api/chat/upload`: a multipart form with the field `file`."""

    parser_classes = [FormParser]

    def post(self, request: Request) -> HttpResponse:
        visitor = request.auth.visitor
        address = client_ip(request)
        throttle.count_call("upload", site_of(address), PER_MINUTE)
        check_pace(visitor, address)  # before the form is read
        file = uploaded(request)
        return answer(store_attachment(file=file, name=file.name or "", visitor=visitor, address=address))


class ChatAttachment(ChatView):
    """`GET /api/chat/attachments/{id}`: with fresh links."""

    def get(self, request: Request, id: str) -> HttpResponse:
        return answer(queries.visitors_attachment(parse_id(id), request.auth.visitor))
