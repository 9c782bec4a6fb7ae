"""The endpoints of files: sending one in, and asking for a link that works now."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.ids import parse_id
from api.rendering import answer
from api.uploads import FormParser, uploaded
from api.views import ApiView
from messaging import attachments_queries as queries
from messaging.files.taken import taken
from messaging.services.attachments import store_attachment


class AttachmentCreate(ApiView):
    """`POST /api/attachments/create`: a multipart form with the field `file`."""

    family = "messages"
    idempotent = False  # what is sent twice and used once is swept
    parser_classes = [FormParser]

    def post(self, request: Request) -> HttpResponse:
        file = uploaded(request)
        return answer(store_attachment(file=file, name=file.name or "", user=request.auth.user))


class AttachmentLimits(ApiView):
    """`GET /api/attachments/limits`: what may be sent in, so that a page can say it before it sends."""

    family = "messages"

    def get(self, request: Request) -> HttpResponse:
        return answer(taken())


class OneAttachment(ApiView):
    """`GET /api/attachments/{id}`: with fresh links."""

    family = "messages"

    def get(self, request: Request, id: str) -> HttpResponse:
        return answer(queries.attachment(parse_id(id), request.auth))
