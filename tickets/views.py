"""The endpoints of tickets."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.views import ApiView
from tickets import queries


class TicketList(ApiView):
    """`GET /api/tickets/list`."""

    family = "tickets"

    def get(self, request: Request) -> HttpResponse:
        caller = request.auth
        return queries.TICKETS.page(request, where=queries.visible_to(caller), caller=caller)
