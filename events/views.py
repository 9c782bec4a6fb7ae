"""The changes feed: as a page, as a long poll, and as a stream."""

from django.http import HttpResponse
from rest_framework.request import Request

from api.errors import Problem
from api.rendering import dumps
from api.views import ApiView
from events import queries
from events.hub import encode
from events.queries import Position
from events.streams import LongPoll, Stream

TAKEOVER = "inlay.takeover"  # config.asgi serves what is found here instead of the body
LONGEST_WAIT = 25


class EventList(ApiView):
    """Everything that happened and the caller may see, oldest first, after the event that `after` names."""

    scopes = {"GET": "events:read"}

    def get(self, request: Request) -> HttpResponse:
        given = request.GET
        if unknown := set(given) - {"after", "limit", "wait"}:
            name = min(unknown)[:80]
            raise Problem(
                "unknown_parameter", f"{name!r} is unknown. Known: after, limit, wait.", parameter=name
            )
        limit = _whole("limit", given.get("limit", "50"), 200)
        wait = _whole("wait", given.get("wait", "0"), LONGEST_WAIT, lowest=0)
        start = _position(given.get("after", ""))
        events, position, more = queries.after(start, request.auth.channels(), limit)

        def link(reached: Position) -> str:
            base = f"{request.scheme}://{request.get_host()}{request.path}"
            return f'<{base}?after={reached}&limit={limit}>; rel="next"'

        response = HttpResponse(dumps(events), content_type="application/json")
        response["Link"] = link(position)
        if wait and not events and not more and TAKEOVER in request.META:
            request.META[TAKEOVER] = LongPoll(request.auth, position, wait, link)
        return response


class EventStream(ApiView):
    """The same feed as Server-Sent Events; Last-Event-ID (or `after`) resumes without a gap."""

    scopes = {"GET": "events:read"}

    def get(self, request: Request) -> HttpResponse:
        text = request.META.get("HTTP_LAST_EVENT_ID") or request.GET.get("after", "")
        position = None if text in ("", "now") else queries.parse_position(text)
        response = HttpResponse(content_type="text/event-stream")
        response["X-Accel-Buffering"] = "no"
        response["Cache-Control"] = "no-store, no-transform"
        if TAKEOVER in request.META:
            request.META[TAKEOVER] = Stream(request.auth, position)
        else:
            # A plain WSGI server cannot hold streams: say what is new and let EventSource come back soon.
            position = position or queries.head()
            events, reached, _ = queries.after(position, request.auth.channels(), 200)
            chunks = [encode(event) for event in events]
            response.content = b"".join([b"retry: 2000\n", f"id: {reached}\n\n".encode(), *chunks])
        return response


def _position(text: str) -> Position:
    if text == "now":
        return queries.head()
    return queries.parse_position(text) if text else Position()


def _whole(name: str, text: str, highest: int, *, lowest: int = 1) -> int:
    if not (text.isascii() and text.isdigit() and lowest <= int(text[:9]) <= highest):
        raise Problem("invalid_parameter", f"{name}: expected {lowest} to {highest}.", parameter=name)
    return int(text)
