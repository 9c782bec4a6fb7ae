"""The workstation app."""

from django.apps import AppConfig


class WorkstationConfig(AppConfig):
    name = "workstation"
