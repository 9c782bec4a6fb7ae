"""Addresses of the login handoff; routed before the admin, whose catch-all owns /admin/auth/…."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
