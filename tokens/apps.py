"""The tokens app."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"
    verbose_name = "Access"

    def ready(self) -> None:
        from tokens import checks, cors  # noqa: F401 - checks register themselves

        cors.connect()
