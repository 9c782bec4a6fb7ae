"""The endpoints of tickets: permission and words; what happens is in services, what is read in queries."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api import cursors
from api.errors import Problem
from api.ids import parse_id
from api.permissions import require
from api.rendering import answer
from api.views import ApiView, check_match, fields
from messaging.queries import MESSAGES_OF_THREAD
from tickets import queries, services
from tickets.fields import read

HISTORY_PAGE = 50
NEWEST_FIRST = "-createdAt"


class TicketList(ApiView):
    """`GET /api/tickets/list`."""

    family = "tickets"

    def get(self, request: Request) -> HttpResponse:
        caller = request.auth
        return queries.TICKETS.page(
            request, where=queries.visible_to(caller), total=queries.total_for(caller), caller=caller
        )


class TicketCreate(ApiView):
    """`POST /api/tickets/create`."""

    family = "tickets"

    def post(self, request: Request) -> HttpResponse:
        values = read(fields(request), creating=True)
        return _answer(services.create_ticket(caller=request.auth, values=values))


class TicketDetail(ApiView):
    """`GET|PUT|PATCH|DELETE /api/tickets/{id}`; writes are conditional with If-Match."""

    family = "tickets"

    def get(self, request: Request, ticket_id: str) -> HttpResponse:
        found = queries.ticket(parse_id(ticket_id), request.auth)
        if found is None:
            raise Problem("not_found")
        return _answer(found)

    def put(self, request: Request, ticket_id: str) -> HttpResponse:
        changed = services.update_ticket(
            caller=request.auth,
            ticket_id=parse_id(ticket_id),
            values=read(fields(request)),
            check=_matching(request),
        )
        return _answer(changed)

    patch = put

    def delete(self, request: Request, ticket_id: str) -> HttpResponse:
        found = parse_id(ticket_id)
        services.delete_ticket(caller=request.auth, ticket_id=found, check=_matching(request))
        return answer({"id": found, "deleted": True})


class TicketRestore(ApiView):
    """`POST /api/tickets/{id}/restore`: out of the bin again, for admins."""

    family = "tickets"

    def post(self, request: Request, ticket_id: str) -> HttpResponse:
        return _answer(services.restore_ticket(caller=request.auth, ticket_id=parse_id(ticket_id)))


class TicketHistory(ApiView):
    """`GET /api/tickets/{id}/history`: its events, newest first."""

    family = "tickets"

    def get(self, request: Request, ticket_id: str) -> HttpResponse:
        given = request.GET
        if unknown := set(given) - {"cursor"}:
            name = min(unknown)[:80]
            raise Problem("unknown_parameter", f"{name!r} is unknown. Known: cursor.", parameter=name)
        before = 2**62
        if given.get("cursor"):
            key = cursors.decode(given["cursor"], NEWEST_FIRST).key
            if not (key.isascii() and key.isdigit() and len(key) <= 18):
                raise Problem("invalid_cursor")
            before = int(key)
        found = queries.history(parse_id(ticket_id), request.auth, before, HISTORY_PAGE + 1)
        if found is None:
            raise Problem("not_found")
        page = found[:HISTORY_PAGE]
        response = answer([event for _, event in page])
        if len(found) > HISTORY_PAGE:
            cursor = cursors.Cursor(NEWEST_FIRST, False, str(page[-1][0]), ticket_id).encode()
            response["Link"] = f'<{request.build_absolute_uri(request.path)}?cursor={cursor}>; rel="next"'
        return response


class TicketMessages(ApiView):
    """`GET /api/tickets/{id}/messages`: the messages of its thread, by seq."""

    family = "tickets"

    def get(self, request: Request, ticket_id: str) -> HttpResponse:
        caller = request.auth
        require(caller, "messages:read")
        found = queries.ticket(parse_id(ticket_id), caller)
        if found is None:
            raise Problem("not_found")
        own = ('"messaging_message"."thread_id" = %s', [found["thread"]])
        return MESSAGES_OF_THREAD.page(request, where=[own], caller=caller)


def _etag(ticket: dict[str, Any]) -> str:
    return f'"v{ticket["version"]}"'


def _answer(ticket: dict[str, Any]) -> HttpResponse:
    return answer(ticket, etag=_etag(ticket))


def _matching(request: Request) -> Callable[[dict[str, Any]], None]:
    return lambda current: check_match(request, _etag(current), current)
