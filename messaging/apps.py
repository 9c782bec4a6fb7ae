"""The messaging app."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from events.queries import RENEWALS
        from messaging.files.links import renewed

        for type in ("message.created", "message.updated", "reply.created", "reply.updated"):
            RENEWALS[type] = renewed
