"""Addresses of tickets, under /api/tickets/."""

from django.urls import path

from tickets import views

urlpatterns = [path("list", views.TicketList.as_view())]
