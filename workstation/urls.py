"""Addresses: The workstation, under /agent/ and /desktop."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
