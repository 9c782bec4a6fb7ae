"""Addresses of the API itself: its schema, its docs, its reason codes."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
