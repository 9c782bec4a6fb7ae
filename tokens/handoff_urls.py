"""Addresses of the login handoff; mounted before everything else, for the admin's catch-all would take
them.
"""

from django.urls import URLPattern, path, re_path

from tokens import preview
from tokens.handoff import landing, password, views

urlpatterns: list[URLPattern] = [
    # With and without a slash: no redirect may carry the token.
    re_path(r"^(?P<name>agent|desktop|admin)/auth/login/?\Z", views.login, name="handoff-login"),
    path("auth/handoff/session", landing.session),
    path("auth/handoff/claim", landing.claim),
    path("auth/handoff/code", landing.code),
    path("auth/handoff/renew", landing.renew),
    path("auth/handoff/logout", landing.log_out),
    path("auth/handoff/switch", views.switch),
    path("auth/handoff/open", views.open_here),
    path("embed/preview", preview.preview),
    path("auth/v1/login", password.login),
]
