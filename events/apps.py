"""The events app."""

from django.apps import AppConfig
from django.conf import settings

from api import background


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from events import readers, relay

        if readers.start not in background.companions:
            background.companions.append(readers.start)
        if settings.REDIS_URL and relay.start not in background.companions:
            background.companions.append(relay.start)
