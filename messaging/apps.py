"""The messaging app."""

from django.apps import AppConfig

from api.background import companions


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        # All but the last register themselves.
        from messaging.robots import checks, faq, openai, reader, sweep  # noqa: F401

        if sweep.start not in companions:
            companions.append(sweep.start)
