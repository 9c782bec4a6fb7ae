"""`GET /api/visitors/{id}/pages`: where on the embedding site a visitor has been."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.ids import parse_id
from api.views import ApiView
from messaging import queries


class VisitorPages(ApiView):
    """`GET /api/visitors/{id}/pages`: the newest 50 are kept."""

    family = "messages"

    def get(self, request: Request, id: str) -> HttpResponse:
        visitor_id = parse_id(id)
        queries.visitor(visitor_id, request.auth)
        own = ('"messaging_pageseen"."visitor_id" = %s', [visitor_id])
        return queries.PAGES.page(request, where=[own], caller=request.auth)
