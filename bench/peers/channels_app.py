"""Channels as its documentation has it: a consumer per connection, in a group of the Redis pub/sub layer."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.settings")
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter


class Events(AsyncWebsocketConsumer):
    """Sends what the group gets to its socket."""

    groups = ("bench",)

    async def bench_event(self, message):
        await self.send(text_data=message["text"])


application = ProtocolTypeRouter({"websocket": Events.as_asgi()})
