"""Addresses of tickets, under /api/tickets/."""

from django.urls import path

from tickets import views

urlpatterns = [
    path("list", views.TicketList.as_view()),
    path("create", views.TicketCreate.as_view()),
    path("<str:ticket_id>", views.TicketDetail.as_view()),
    path("<str:ticket_id>/restore", views.TicketRestore.as_view()),
    path("<str:ticket_id>/messages", views.TicketMessages.as_view()),
    path("<str:ticket_id>/history", views.TicketHistory.as_view()),
]
