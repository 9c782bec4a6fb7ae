"""Addresses: Statistics, under /api/statistics/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
