"""The endpoints of threads, messages and visitors."""

from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from msgspec import UNSET, to_builtins
from rest_framework.request import Request

from accounts.models import Team, User
from api.errors import Problem, field_error
from api.ids import parse_id
from api.inputs import read, sent
from api.rendering import answer
from api.views import ApiView, check_match, fields
from messaging import queries, services
from messaging.models import Thread, ThreadType, Visitor
from messaging.replies_queries import replies_visible_to
from messaging.serializers import (
    MessageInput,
    Nothing,
    ReadInput,
    ThreadChange,
    ThreadInput,
    TransferInput,
    VisitorChange,
    VisitorInput,
    id_of,
)

BEGUN = (
    ThreadType.MEMBER,
    ThreadType.GROUP,
    ThreadType.AGENT,
    ThreadType.WORKGROUP,
)  # types that the API begins


class MessageList(ApiView):
    """`GET /api/messages/list`: of one thread by seq, else the newest that the caller may see."""

    family = "messages"

    def get(self, request: Request) -> HttpResponse:
        caller, given = request.auth, request.GET
        of_thread = "thread" in given and "," not in given["thread"]
        if "after" in given and not of_thread:
            raise Problem("invalid_parameter", "after: a seq counts within one thread.", parameter="after")
        where = queries.visible_to(caller)
        if not of_thread:
            return queries.MESSAGES.page(request, where=where, caller=caller)
        total = queries.messages_in(given["thread"], caller)
        return queries.MESSAGES_OF_THREAD.page(
            request, where=where, total=total, totalled=["thread"], caller=caller
        )


class MessageSend(ApiView):
    """`POST /api/messages/send` and `/create`."""

    family = "messages"

    def post(self, request: Request) -> HttpResponse:
        given, caller = read(MessageInput, fields(request), shown=queries.MESSAGES.columns), request.auth
        if given.content is UNSET and given.attachment is None and given.card is None:
            raise field_error("content", "required", "This field is required.")
        thread_id = given.thread_uid if given.thread is UNSET else given.thread
        if thread_id is UNSET:
            raise field_error("thread", "required", "This field is required.")
        return answer(
            services.send_message(
                thread=thread_id,
                user=caller.user,
                content="" if given.content is UNSET else given.content,
                type=given.type,
                visibility=given.visibility,
                client_id=given.client_id,
                attachment=id_of(given.attachment),
                card=to_builtins(given.card),
                mentions=[each for each in map(id_of, given.mentions) if each],
                visible=queries.visible_to(caller),
                reusable=replies_visible_to(caller),
            )
        )


class ThreadList(ApiView):
    """`GET /api/threads/list`: conversations; the threads of tickets only where `type` asks for them."""

    family = "messages"

    def get(self, request: Request) -> HttpResponse:
        caller = request.auth
        where = queries.visible_to(caller)
        if "type" not in request.GET:
            where.append(queries.NO_TICKETS)
        by_place = request.GET.get("ordering", "").removeprefix("-") == "queuedAt"
        if by_place and request.GET.get("state") != "queued":  # only what waits has an index for it
            raise Problem("invalid_parameter", "ordering=queuedAt needs state=queued.", parameter="ordering")
        return queries.THREADS.page(request, where=where, caller=caller)


class ThreadTags(ApiView):
    """`GET /api/threads/tags`: those in use, for a field that completes what one types."""

    family = "messages"

    def get(self, request: Request) -> HttpResponse:
        return answer(queries.tags(request.auth))


class OneThread(ApiView):
    """`/api/threads/{id}`."""

    family = "messages"

    def get(self, request: Request, id: str) -> HttpResponse:
        return self._answer(queries.thread(parse_id(id), request.auth))

    def put(self, request: Request, id: str) -> HttpResponse:
        thread_id, caller = parse_id(id), request.auth

        def match(etag: str) -> None:
            check_match(request, etag, queries.thread_shown(thread_id, caller))

        services.change_thread(
            thread_id=thread_id,
            changes=sent(read(ThreadChange, fields(request), shown=queries.THREADS.columns)),
            actor=caller.user,
            visible=queries.visible_to(caller),
            match=match if "HTTP_IF_MATCH" in request.META else None,
        )
        return self._answer(queries.thread_shown(thread_id, caller))

    patch = put

    def _answer(self, shown: dict[str, Any]) -> HttpResponse:
        return answer(shown, etag=queries.thread_etag(shown))


class ThreadCreate(ApiView):
    """`POST /api/threads/create`: begin one with a visitor (AGENT, WORKGROUP), a colleague (MEMBER) or
    several (GROUP).
    """

    family = "messages"

    def post(self, request: Request) -> HttpResponse:
        given, caller = read(ThreadInput, fields(request)), request.auth
        if given.type not in BEGUN:
            raise field_error("type", "invalid", f"Expected one of {', '.join(BEGUN)}.")
        agent, team = agent_of(id_of(given.agent)), _team(id_of(given.team))
        if agent is None and given.type == ThreadType.AGENT:
            agent = caller.user
        if caller.limited and (team is None or team.pk not in caller.team_ids):
            raise field_error("team", "not_permitted", "This token is limited to teams: name one of them.")
        if given.type == ThreadType.GROUP:
            return answer(queries.thread_shown(_begun_group(given, caller).pk, caller))
        if given.members:
            raise field_error("members", "invalid", "Only a group has members.")
        with transaction.atomic():  # a thread that is refused leaves no new visitor behind
            thread = services.create_thread(
                type=given.type,
                visitor=_visitor(given.visitor, caller),
                agent=agent,
                team=team,
                topic=given.topic,
                skills=given.skills,
                actor=caller.user,
            )
            services.route(thread)
        return answer(queries.thread_shown(thread.pk, caller))


class ThreadAction(ApiView):
    """`POST /api/threads/{id}/accept`, `takeover`, `leave`, `close`, `reopen`: one service, named in the
    address.
    """

    family = "messages"
    service: Any = None

    def post(self, request: Request, id: str) -> HttpResponse:
        read(Nothing, fields(request))
        caller, thread_id = request.auth, parse_id(id)
        self.service(thread_id=thread_id, actor=caller.user, visible=queries.visible_to(caller))
        return answer(queries.thread_shown(thread_id, caller))


class ThreadTransfer(ApiView):
    """`POST /api/threads/{id}/transfer`: to an `agent`, a `team`, or both, with a `note` for them."""

    family = "messages"

    def post(self, request: Request, id: str) -> HttpResponse:
        given, caller, thread_id = read(TransferInput, fields(request)), request.auth, parse_id(id)
        services.transfer_thread(
            thread_id=thread_id,
            actor=caller.user,
            agent=agent_of(id_of(given.agent)),
            team=_team_for(caller, id_of(given.team)),
            note=given.note,
            visible=queries.visible_to(caller),
        )
        return answer(queries.thread_shown(thread_id, caller))


class ThreadRead(ApiView):
    """`POST /api/threads/{id}/read`: up to `seq`, or all of it."""

    family = "messages"
    scopes = {"POST": "messages:read"}  # reading is what it does; nobody else notices

    def post(self, request: Request, id: str) -> HttpResponse:
        given, caller, thread_id = read(ReadInput, fields(request)), request.auth, parse_id(id)
        queries.thread(thread_id, caller)
        services.read_thread(thread_id=thread_id, user=caller.user, seq=given.seq)
        return answer(queries.thread_shown(thread_id, caller))


class VisitorList(ApiView):
    """`GET /api/visitors/list`."""

    family = "messages"

    def get(self, request: Request) -> HttpResponse:
        caller = request.auth
        return queries.VISITORS.page(request, where=queries.visitors_visible_to(caller), caller=caller)


class OneVisitor(ApiView):
    """`/api/visitors/{id}`."""

    family = "messages"

    def get(self, request: Request, id: str) -> HttpResponse:
        return self._answer(parse_id(id), request.auth)

    def put(self, request: Request, id: str) -> HttpResponse:
        visitor_id, caller = parse_id(id), request.auth
        changes = sent(read(VisitorChange, fields(request), shown=queries.VISITORS.columns))
        queries.visitor(visitor_id, caller)
        services.change_visitor(
            visitor_id=visitor_id, changes=changes, actor=caller.user, match=partial(check_match, request)
        )
        return self._answer(visitor_id, caller)

    patch = put

    def _answer(self, visitor_id: UUID, caller: Any) -> HttpResponse:
        shown = queries.visitor(visitor_id, caller)
        return answer(shown, etag=queries.etag(shown))


def agent_of(user_id: UUID | None) -> User | None:
    """Return the user that an `agent` in a body names. Raises Problem `validation_failed`."""
    if user_id is None:
        return None
    if found := User.objects.filter(pk=user_id).first():
        return found
    raise field_error("agent", "not_found", "There is no such user.")


def _begun_group(given: ThreadInput, caller: Any) -> Thread:
    """Begin the group of a body. Raises Problem `validation_failed`."""
    for name in ("visitor", "agent", "team", "skills"):
        if getattr(given, name):
            raise field_error(name, "invalid", "A group has members, and none of these.")
    wanted = list(dict.fromkeys(map(id_of, given.members)))
    found = User.objects.in_bulk([each for each in wanted if each])
    for each in wanted:
        if each not in found:
            raise field_error("members", "not_found", f"There is no user {each}.")
    return services.begin_group(
        topic=given.topic, members=[found[each] for each in wanted if each], actor=caller.user
    )


def _team(team_id: UUID | None) -> Team | None:
    if team_id is None:
        return None
    if found := Team.objects.filter(pk=team_id).first():
        return found
    raise field_error("team", "not_found", "There is no such team.")


def _team_for(caller: Any, team_id: UUID | None) -> Team | None:
    """Return a team that a caller may give a thread to. Raises Problem `role_not_permitted`."""
    if team_id and caller.limited and team_id not in caller.team_ids:
        raise Problem("role_not_permitted", "This token is limited to its teams.")
    return _team(team_id)


def _visitor(given: UUID | VisitorInput | None, caller: Any) -> Visitor | None:
    if given is None:
        return None
    known = given if isinstance(given, UUID) else (given.uid if given.id is UNSET else given.id)
    try:
        if isinstance(known, UUID):
            queries.visitor(known, caller)
            return Visitor.objects.get(pk=known)
        assert isinstance(given, VisitorInput)  # the only other thing that has no id
        return services.get_or_create_visitor(
            external_id=given.external_id,
            email=given.email,
            nickname=given.nickname,
            avatar=given.avatar,
            actor=caller.user,
            visible=queries.visitors_visible_to(caller),
        )
    except Problem as problem:
        if problem.code != "not_found":
            raise
        raise field_error("visitor", "not_found", "There is no such visitor.") from None
