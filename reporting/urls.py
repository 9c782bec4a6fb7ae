"""Addresses of statistics, under /api/statistics/."""

from django.urls import path

from reporting import views

urlpatterns = [
    path("overview", views.Overview.as_view()),
    path("tickets", views.Tickets.as_view()),
    path("messages", views.Messages.as_view()),
    path("agents", views.Agents.as_view()),
    path("teams", views.Teams.as_view()),
]
