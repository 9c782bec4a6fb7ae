"""The admin pages of visitors, threads and messages: to look things up; work is done in the workstation."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from api.admin import ReadOnlyAdmin, badge, holding
from messaging.models import AMONG_COLLEAGUES, Message, Thread, Visitor
from messaging.replies_admin import CannedReplyAdmin
from messaging.robots.admin import KnowledgeAdmin, RobotAdmin

__all__ = ["CannedReplyAdmin", "KnowledgeAdmin", "MessageAdmin", "RobotAdmin", "ThreadAdmin", "VisitorAdmin"]

STATES = {"queued": "warning", "open": "success", "closed": "neutral"}


@admin.register(Visitor)
class VisitorAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "email", "external_id", "created_at"]
    search_fields = ["=email", "=external_id", "^nickname"]
    search_help_text = "E-mail, the embedding site's id, or how the name begins"
    ordering = ["-id"]
    fields = [
        "nickname", "email", "external_id", "user", "blocked_at", "blocked_by", "created_at", "updated_at",
    ]  # fmt: skip
    empty_hint = "Conversations start in the chat, the workstation and the API."
    read_scope = "messages:read"


@admin.register(Thread)
class ThreadAdmin(ReadOnlyAdmin):
    list_display = [
        "topic_shown",
        "type",
        "state_shown",
        "visitor",
        "agent",
        "team",
        "last_seq",
        "last_message_at",
    ]
    list_filter = ["state", "type", "team"]
    list_select_related = ["visitor", "agent", "team"]
    search_fields = ["=id", "^topic"]
    search_help_text = "A thread's id, or how its topic begins"
    ordering = ["-id"]
    fields = [
        "type", "state", "topic", "visitor", "agent", "team", "robot", "created_by", "last_seq",
        "last_content", "last_message_at", "skills", "queued_at", "assigned_at", "waiting_since",
        "first_visitor_at", "first_response_at", "closed_at", "created_at", "updated_at",
    ]  # fmt: skip
    empty_hint = "Conversations start in the chat, the workstation and the API."
    read_scope = "messages:read"

    def get_queryset(self, request: HttpRequest) -> Any:
        """All but what people of the desk say among themselves (queries.visible_to)."""
        return super().get_queryset(request).exclude(type__in=AMONG_COLLEAGUES)

    @display(description="Topic", ordering="topic")
    def topic_shown(self, thread: Thread) -> str:
        return thread.topic or thread.last_content[:60] or "No topic"

    @display(description="State", ordering="state")
    def state_shown(self, thread: Thread) -> str:
        return badge(thread.state, STATES[thread.state])


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["beginning", "sender", "thread_shown", "seq", "visibility_shown", "created_at"]
    list_filter = ["visibility", "type"]
    list_select_related = ["thread", "user", "visitor", "robot"]
    search_fields = ["content"]
    ordering = ["-id"]
    fields = [
        "thread", "seq", "type", "visibility", "content", "user", "visitor", "robot", "client_id",
        "created_at", "edited_at", "recalled_at",
    ]  # fmt: skip
    empty_hint = "Conversations start in the chat, the workstation and the API."
    read_scope = "messages:read"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(thread__type__in=AMONG_COLLEAGUES)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return holding(queryset, search_term, "content"), False

    @display(description="Message")
    def beginning(self, message: Message) -> str:
        return message.content[:80]

    @display(description="Sender")
    def sender(self, message: Message) -> str:
        return str(message.user or message.visitor or message.robot or "")

    @display(description="Thread")
    def thread_shown(self, message: Message) -> str:
        return message.thread.topic or str(message.thread_id)[:8]

    @display(description="Seen by", ordering="visibility")
    def visibility_shown(self, message: Message) -> str:
        return badge("note", "warning") if message.visibility == "internal" else badge("public", "neutral")
