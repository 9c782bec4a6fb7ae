"""Addresses of the API itself: its schema, its docs, its reason codes."""

from django.urls import path

from api import docs

urlpatterns = [
    path("schema", docs.Schema.as_view()),
    path("docs", docs.docs),
    path("errors", docs.errors),
]
