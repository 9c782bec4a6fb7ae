"""The endpoints of the chat page and the widget (docs/chat.md)."""

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from api.errors import Problem, field_error
from api.inputs import read
from api.rendering import answer
from api.requests import client_ip, site_of
from api.views import ApiView, fields
from events.streams import Stream
from events.views import TAKEOVER
from messaging import services
from messaging.chat import credentials, queries
from messaging.chat.availability import availability
from messaging.chat.caller import IsVisitor, VisitorAuthentication
from messaging.chat.serializers import (
    DeliveredInput,
    DraftInput,
    LeaveInput,
    OpenInput,
    PageInput,
    RateInput,
    SayInput,
    SeqInput,
)
from messaging.models import Message, Thread, ThreadType, Visitor
from messaging.robots.queries import robot_named
from messaging.serializers import Nothing
from messaging.services import chat, typing
from settings_app.queries import setting
from tokens import throttle

LEFT_PER_MINUTE = 20  # messages that visitors of one address leave


class ChatView(ApiView):
    """A call of a visitor, about its conversation of the kind that `t` names (0 agent, 1 team, 2
    robot)."""

    authentication_classes = [VisitorAuthentication]
    permission_classes = [IsVisitor]
    idempotent = False  # the clientId does that
    parameters = frozenset({"t"})
    per_minute = 0  # calls of one visitor, where nothing else counts them

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if unknown := set(request.GET) - self.parameters:
            name = min(unknown)[:80]
            known = ", ".join(sorted(self.parameters))
            raise Problem("unknown_parameter", f"{name!r} is unknown. Known: {known}.", parameter=name)
        if request.auth is not None and request.method == "POST":
            self.admit(request.auth.visitor)

    def admit(self, visitor: Visitor) -> None:
        """Raise Problem `visitor_blocked`, or `throttled` for a visitor who calls faster than a page does."""
        if visitor.blocked_at:
            raise Problem("visitor_blocked")
        if self.per_minute:
            throttle.count_call(f"chat {type(self).__name__}", str(visitor.pk), self.per_minute)

    def thread(self, request: Request) -> Thread:
        """Return the visitor's conversation. Raises Problem `not_found` before its first message."""
        found = queries.current_thread(request.auth.user_id, kind_of(request.GET.get("t", "1")))
        if found is None:
            raise Problem("not_found", "The conversation begins with the first message.")
        return found


class Open(ChatView):
    """`POST /api/chat/open`: become a visitor, or be the same one again."""

    permission_classes = []

    def admit(self, visitor: Visitor) -> None:
        """Let everybody in: who is blocked still sees what was said, and the desk notes nothing of it."""

    def post(self, request: Request) -> HttpResponse:
        throttle.count_call("chat", site_of(client_ip(request)), setting("chat", "opensPerMinute"))
        given = read(OpenInput, fields(request))
        kind = kind_of(given.t)
        if given.sid:
            chat.target_of(kind, given.sid)  # a wrong address is found out before somebody has written
        visitor = chat.identify(
            known=credentials.read(given.visitor),
            uid=given.visitor_uid,
            signature=given.signature,
            facts={
                "nickname": given.nickname,
                "avatar": given.avatar,
                "email": given.email,
                "phone": given.phone,
                "language": given.language,
                "custom_fields": given.custom_fields,
                "device": given.device,
            },
        )
        if given.page and given.page.url and not visitor.blocked_at:
            chat.see_page(visitor=visitor, url=given.page.url, title=given.page.title)
        thread = queries.current_thread(visitor.pk, kind)
        there = availability(type=kind, sid=given.sid, thread=thread)
        robot = robot_named(given.sid) if kind == ThreadType.ROBOT else None
        return answer(
            {
                "credential": credentials.issue(visitor.pk),
                "visitor": queries.visitor_shown(visitor),
                "thread": queries.thread_shown(thread) if thread else None,
                "desk": queries.desk_shown(**asdict(there), robot=robot),
            }
        )


class Messages(ChatView):
    """`GET /api/chat/messages`: by seq, those `after` one, or a page that ends `before` one."""

    parameters = ChatView.parameters | {"after", "before", "limit"}

    def get(self, request: Request) -> HttpResponse:
        given = request.GET
        after, before = (_number(name, given.get(name)) for name in ("after", "before"))
        limit = _number("limit", given.get("limit")) or queries.PAGE
        found = queries.current_thread(request.auth.user_id, kind_of(request.GET.get("t", "1")))
        if found is None:
            return answer([])
        shown = queries.messages(found.pk, after=after, before=before, limit=min(limit, queries.PAGE))
        return answer(shown)


class Say(ChatView):
    """`POST /api/chat/send`: a message; the first one begins the conversation."""

    def post(self, request: Request) -> HttpResponse:
        given = read(SayInput, fields(request))
        visitor = request.auth.visitor
        newest = visitor.pages.order_by("-at").first()
        sent = chat.say(
            visitor=visitor,
            type=kind_of(given.t),
            sid=given.sid,
            content=given.content,
            client_id=given.client_id,
            message_type=given.type,
            attachment=given.attachment,
            page_url=newest.url if newest else "",
        )
        told = Message.objects.select_related("user", "visitor", "robot", "attachment")
        stored = told.get(pk=sent["id"])
        return answer(queries.message_shown(stored))


class Leave(ChatView):
    """`POST /api/chat/offline`: a message that becomes a ticket; a conversation that waits ends with it."""

    def post(self, request: Request) -> HttpResponse:
        throttle.count_call("left", site_of(client_ip(request)), LEFT_PER_MINUTE)
        given = read(LeaveInput, fields(request))
        visitor, kind = request.auth.visitor, kind_of(given.t)
        newest = visitor.pages.order_by("-at").first()
        left = services.leave_message(
            visitor=visitor,
            type=kind,
            sid=given.sid,
            content=given.content,
            client_id=given.client_id,
            page_url=newest.url if newest else "",
            nickname=given.nickname,
            email=given.email,
            phone=given.phone,
        )
        thread = queries.current_thread(visitor.pk, kind)
        return answer(
            {
                "id": left.pk,
                "clientId": left.client_id,
                "createdAt": left.created_at,
                "thread": queries.thread_shown(thread) if thread else None,
            }
        )


class Read(ChatView):
    """`POST /api/chat/read`: up to `seq`, or all of it."""

    per_minute = 240

    def post(self, request: Request) -> HttpResponse:
        given = read(SeqInput, fields(request))
        thread = self.thread(request)
        return answer({"id": thread.pk, "seq": chat.mark_read(thread=thread, seq=given.seq)})


class Delivered(ChatView):
    """`POST /api/chat/delivered`: the page has the messages up to `seq`."""

    per_minute = 240

    def post(self, request: Request) -> HttpResponse:
        given = read(DeliveredInput, fields(request))
        thread = self.thread(request)
        return answer({"id": thread.pk, "seq": chat.mark_delivered(thread=thread, seq=given.seq)})


class Typing(ChatView):
    """`POST /api/chat/typing`: what the visitor is writing, "" when it stopped; stored nowhere."""

    per_minute = 120

    def post(self, request: Request) -> HttpResponse:
        given = read(DraftInput, fields(request))
        thread = self.thread(request)
        typing.visitor_types(thread=thread, content=given.content)
        return answer({"id": thread.pk})


class Rate(ChatView):
    """`POST /api/chat/rate`: how satisfied the visitor was with a conversation that is over."""

    per_minute = 10

    def post(self, request: Request) -> HttpResponse:
        given = read(RateInput, fields(request))
        rated = chat.rate(thread=self.thread(request), score=given.score, comment=given.comment)
        return answer(queries.thread_shown(rated))


class Close(ChatView):
    """`POST /api/chat/close`: the visitor ends the conversation."""

    per_minute = 30

    def post(self, request: Request) -> HttpResponse:
        read(Nothing, fields(request))
        closed = services.close_thread(thread_id=self.thread(request).pk, actor=None)
        return answer(queries.thread_shown(closed))


class SeePage(ChatView):
    """`POST /api/chat/page`: the visitor looks at another page of the site."""

    per_minute = 60

    def post(self, request: Request) -> HttpResponse:
        given = read(PageInput, fields(request))
        chat.see_page(visitor=request.auth.visitor, url=given.url, title=given.title)
        return answer({"id": request.auth.user_id})


class Live(ChatView):
    """`GET /api/chat/stream`: what happens in the visitor's conversations, from now on.

    It does not resume: the page asks for the messages after its last seq whenever it connects, which costs
    less than a walk through everybody's events.
    """

    def get(self, request: Request) -> HttpResponse:
        if request.auth.visitor.blocked_at:
            raise Problem("visitor_blocked")
        response = HttpResponse(content_type="text/event-stream")
        response["X-Accel-Buffering"] = "no"
        response["Cache-Control"] = "no-store, no-transform"
        if TAKEOVER in request.META:
            request.META[TAKEOVER] = Stream(request.auth, None)
        else:
            response.content = b"retry: 2000\n\n"  # a plain WSGI server holds no streams: ask again soon
        return response


def kind_of(text: str) -> ThreadType:
    """Return the type of conversation that `t` names. Raises Problem `validation_failed`."""
    kind = queries.KINDS.get(text)
    if kind is None:
        raise field_error("t", "invalid_choice", f"Expected one of {', '.join(queries.KINDS)}.")
    return kind


def _number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Problem("invalid_parameter", f"{name}: expected a whole number.", parameter=name)
    return int(text)
