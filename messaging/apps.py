"""The messaging app."""

from django.apps import AppConfig

from api.background import companions


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging.robots import faq, openai, reader, sweep  # noqa: F401 - the first three register themselves

        companions.append(sweep.start)
