"""What an answer becomes after Django said yes: a stream of Server-Sent Events, or a long poll of the same
feed."""

import asyncio
from collections.abc import Awaitable, Callable

from api.codes import CODES
from api.errors import Problem
from api.rendering import dumps
from events import queries
from events.hub import Hub, Subscriber, encode
from events.queries import Position

Send = Callable[[dict], Awaitable[None]]
PAGE = 200


class Stream:
    """Serves the feed live from a position on (None: from now), until the client or its rights are gone."""

    def __init__(self, caller, position: Position | None) -> None:
        self.caller, self.position = caller, position

    async def serve(self, hub: Hub, send: Send, start: dict) -> None:
        """Write the response: `start` is Django's http.response.start, with its CORS headers and request
        id."""
        await hub.start()
        subscriber, live_from = hub.add(self.caller)
        try:
            # What was revoked between Django's verdict and `add` was announced to nobody: judge once more.
            await hub.judge({subscriber})
            await send(start)
            first = self.position or live_from
            await send(body(f"retry: 1000\nid: {first}\n\n".encode()))
            await self._catch_up(hub, send, subscriber, first, live_from)
            await self._live(send, subscriber)
        finally:
            hub.remove(subscriber)

    async def _catch_up(
        self, hub: Hub, send: Send, subscriber: Subscriber, first: Position, end: Position
    ) -> None:
        position, more = first, first < end
        while more and not subscriber.closed:
            async with hub.catching_up:
                events, position, more = await hub.run_in_thread(
                    queries.after, position, subscriber.channels, PAGE
                )
            chunk = [encode(event) for event in events if queries.parse_position(event["id"]) <= end]
            if chunk:
                await send(body(b"".join(chunk)))
            more = more and position < end

    async def _live(self, send: Send, subscriber: Subscriber) -> None:
        while True:
            await subscriber.news()
            if subscriber.closed:
                ended = f'event: session_ended\ndata: {{"code": "{subscriber.closed}"}}\n\n'.encode()
                await send(body(ended, more=False))
                return
            await send(body(subscriber.take()))


class LongPoll:
    """Waits up to some seconds for the first events after a position, then answers like the list."""

    def __init__(self, caller, position: Position, seconds: float, link: Callable[[Position], str]) -> None:
        self.caller, self.position, self.seconds, self.link = caller, position, seconds, link

    async def serve(self, hub: Hub, send: Send, start: dict) -> None:
        await hub.start()
        subscriber, _ = hub.add(self.caller)
        try:
            await hub.judge({subscriber})
            events, position, _ = await self._page(hub, subscriber)
            if not events and not subscriber.closed:
                try:
                    await asyncio.wait_for(subscriber.news(), self.seconds)
                except TimeoutError:
                    pass
                events, position, _ = await self._page(hub, subscriber)
        finally:
            hub.remove(subscriber)
        if subscriber.closed in CODES:
            await refuse(send, start, Problem(subscriber.closed))
            return
        headers = [pair for pair in start["headers"] if pair[0] not in (b"content-length", b"link")]
        headers.append((b"link", self.link(position).encode()))
        await send(start | {"headers": headers})
        await send(body(dumps(events), more=False))

    async def _page(self, hub: Hub, subscriber: Subscriber):
        return await hub.run_in_thread(queries.after, self.position, subscriber.channels, PAGE)


def body(chunk: bytes, *, more: bool = True) -> dict:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


async def refuse(send: Send, start: dict, problem: Problem) -> None:
    """Answer with a problem in place of the page that Django had allowed."""
    kept = [pair for pair in start["headers"] if pair[0] not in (b"content-length", b"content-type", b"link")]
    headers = [*kept, (b"content-type", b"application/problem+json")]
    request_id = next((value.decode() for name, value in kept if name == b"x-request-id"), "")
    await send(start | {"status": problem.status, "headers": headers})
    await send(body(dumps(problem.body(request_id)), more=False))
