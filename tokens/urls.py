"""Addresses: Access tokens, under /api/tokens/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
