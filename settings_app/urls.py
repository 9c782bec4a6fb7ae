"""Addresses: Settings, under /api/settings/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
