"""The messaging app."""

from django.apps import AppConfig

from api import background


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from accounts.queries import USERS
        from api.lists import Expression
        from messaging import readers, timers  # noqa: F401 - imported, readers are registered
        from messaging.queries import OPEN_CHATS

        USERS.show("openChats", Expression(OPEN_CHATS))
        if timers.start not in background.companions:
            background.companions.append(timers.start)
