"""The peers' one path."""

from django.urls import path

from bench.peers.views import TicketList

urlpatterns = [path("api/tickets/list", TicketList.as_view())]
