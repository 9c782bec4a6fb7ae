"""Addresses: Messages, threads and visitors, under /api/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
