"""The messaging app."""

from django.apps import AppConfig

from api import background


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from accounts.queries import USERS
        from api.lists import Expression
        from events.queries import RENEWALS
        from messaging import readers, timers  # noqa: F401 - imported, readers are registered
        from messaging.files.links import renewed
        from messaging.queue_queries import OPEN_CHATS
        from messaging.robots import checks, faq, openai, reader, sweep  # noqa: F401 - they too, but for sweep

        USERS.show("openChats", Expression(OPEN_CHATS))
        for start in (timers.start, sweep.start):
            if start not in background.companions:
                background.companions.append(start)
        for type in ("message.created", "message.updated", "reply.created", "reply.updated"):
            RENEWALS[type] = renewed
