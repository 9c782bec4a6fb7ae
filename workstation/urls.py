"""Addresses of the workstation: /agent/ (also /desktop), its sign-in page, and its texts for JavaScript."""

from django.urls import URLPattern, path

from workstation import views

urlpatterns: list[URLPattern] = [
    path("agent", views.without_slash),
    path("agent/", views.workstation, name="workstation"),
    path("desktop", views.workstation),
    path("desktop/", views.workstation),
    path("agent/login", views.Login.as_view(), name="workstation-login"),
    path("agent/i18n.js", views.texts, name="workstation-texts"),
]
