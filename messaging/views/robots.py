"""The endpoints of robots and of what they know."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from api.errors import Problem
from api.ids import parse_id
from api.inputs import read, sent
from api.rendering import answer
from api.views import ApiView, check_match, fields
from messaging.robots import queries
from messaging.robots.trial import tried
from messaging.serializers import EntryChange, EntryInput, RobotChange, RobotInput, TryInput, id_of
from messaging.services import knowledge, robots


class RobotList(ApiView):
    """`GET /api/robots/list`, for admins and supervisors."""

    family = "settings"

    def get(self, request: Request) -> HttpResponse:
        caller = request.auth
        return queries.ROBOTS.page(request, where=queries.robots_visible_to(caller), caller=caller)


class RobotCreate(ApiView):
    """`POST /api/robots/create`."""

    family = "settings"

    def post(self, request: Request) -> HttpResponse:
        given, caller = read(RobotInput, fields(request), shown=queries.ROBOTS.columns), request.auth
        with public_names(RobotInput):
            made = robots.create_robot(**_as_service(sent(given)), actor=caller.user, caller=caller)
        return _robot(made.pk, caller)


class OneRobot(ApiView):
    """`/api/robots/{id}`; DELETE lets it rest, for what it said stays."""

    family = "settings"

    def get(self, request: Request, id: str) -> HttpResponse:
        return _robot(parse_id(id), request.auth)

    def put(self, request: Request, id: str) -> HttpResponse:
        changes = _as_service(sent(read(RobotChange, fields(request), shown=queries.ROBOTS.columns)))
        with public_names(RobotChange):
            robots.change_robot(robot_id=parse_id(id), changes=changes, **_by(request))
        return _robot(parse_id(id), request.auth)

    patch = put

    def delete(self, request: Request, id: str) -> HttpResponse:
        robot_id = parse_id(id)
        robots.change_robot(robot_id=robot_id, changes={"active": False}, **_by(request))
        return answer({"id": robot_id, "deleted": True})


class RobotTry(ApiView):
    """`POST /api/robots/{id}/try`: what it would answer; nothing is stored, but that it was asked."""

    family = "settings"
    scopes = {"POST": "settings:read"}
    idempotent = False  # no transaction may wait for a language model

    def post(self, request: Request, id: str) -> HttpResponse:
        given, robot_id = read(TryInput, fields(request)), parse_id(id)
        queries.robot(robot_id, request.auth)
        shown = tried(
            robot_id=robot_id, question=given.question, language=given.language, actor=request.auth.user
        )
        return answer(shown)


class KnowledgeList(ApiView):
    """`GET /api/knowledge/list`."""

    family = "messages"

    def get(self, request: Request) -> HttpResponse:
        caller = request.auth
        return queries.KNOWLEDGE.page(request, where=queries.knowledge_visible_to(caller), caller=caller)


class KnowledgeCreate(ApiView):
    """`POST /api/knowledge/create`, for admins and supervisors."""

    family = "messages"

    def post(self, request: Request) -> HttpResponse:
        given, caller = read(EntryInput, fields(request), shown=queries.KNOWLEDGE.columns), request.auth
        made = knowledge.create_entry(**_as_service(sent(given)), actor=caller.user, caller=caller)
        return _entry(made.pk, caller)


class OneEntry(ApiView):
    """`/api/knowledge/{id}`."""

    family = "messages"

    def get(self, request: Request, id: str) -> HttpResponse:
        return _entry(parse_id(id), request.auth)

    def put(self, request: Request, id: str) -> HttpResponse:
        changes = _as_service(sent(read(EntryChange, fields(request), shown=queries.KNOWLEDGE.columns)))
        knowledge.change_entry(entry_id=parse_id(id), changes=changes, **_by(request))
        return _entry(parse_id(id), request.auth)

    patch = put

    def delete(self, request: Request, id: str) -> HttpResponse:
        entry_id = parse_id(id)
        knowledge.delete_entry(entry_id=entry_id, **_by(request))
        return answer({"id": entry_id, "deleted": True})


@contextmanager
def public_names(shape: type) -> Iterator[None]:
    """Let refusals name a field as the API does: services use the names of columns."""
    try:
        yield
    except Problem as problem:
        names = dict(zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True))
        problem.errors = [
            {**each, "field": names.get(each["field"], each["field"])} for each in problem.errors
        ]
        raise


def _as_service(given: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent as services take it: the team and the robot as ids."""
    return given | {name: id_of(given[name]) for name in ("team", "robot") if name in given}


def _by(request: Request) -> dict[str, Any]:
    """Return who changes, and the check of If-Match, as services take them."""
    caller = request.auth
    return {"actor": caller.user, "caller": caller, "match": partial(check_match, request)}


def _robot(robot_id: UUID, caller: Any) -> HttpResponse:
    shown = queries.robot(robot_id, caller)
    return answer(shown, etag=queries.etag(shown))


def _entry(entry_id: UUID, caller: Any) -> HttpResponse:
    shown = queries.entry(entry_id, caller)
    return answer(shown, etag=queries.etag(shown))
