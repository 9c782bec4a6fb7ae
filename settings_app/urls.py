"""Addresses of settings, under /api/settings/."""

from django.urls import path

from settings_app import views

urlpatterns = [
    path("list", views.SettingsList.as_view()),
    path("<str:group>", views.OneGroup.as_view()),
]
