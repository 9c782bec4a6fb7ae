"""Where tickets come from: a conversation that an agent makes one of, a message that a visitor left."""

from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext

from api.errors import Problem, field_error
from api.permissions import require
from messaging import queries
from messaging.models import AMONG_COLLEAGUES, LeftMessage, MessageType, Thread, ThreadType, Visibility
from messaging.services import send_message
from messaging.services.threads import locked_thread
from settings_app.queries import setting
from tickets.models import Ticket

LEFT_TAG = "offline"
LONGEST_TITLE = 300


def locked_origin(thread_id: UUID, caller: Any) -> Thread:
    """Return the conversation that a ticket is to be made from, locked.

    Raises Problem `validation_failed` for one that the caller may not see, that is a ticket's own or among
    colleagues (what they say is theirs alone, and its first words would be the title), and
    `insufficient_scope` where the caller reads no conversations.
    """
    require(caller, "messages:read")
    try:
        thread = locked_thread(thread_id, queries.visible_to(caller))
    except Problem:
        raise field_error("originThread", "not_found", "There is no such conversation.") from None
    if thread.type == ThreadType.TICKET:
        raise field_error("originThread", "invalid", "These are a ticket's own replies, no conversation.")
    if thread.type in AMONG_COLLEAGUES:
        raise field_error("originThread", "invalid", "This is a talk among colleagues, not with a visitor.")
    return thread


def given_by(thread: Thread) -> dict[str, Any]:
    """Return what a conversation says of a ticket where nobody says otherwise: title, requester, team."""
    title = first_line(thread.topic) or first_line(thread.last_content)
    if not title:
        with translation.override(setting("general", "language")):
            title = str(thread.visitor) if thread.visitor else gettext("Conversation")
    return {"title": title, "requester": thread.visitor_id, "team": thread.team_id}


def tell_conversation(thread: Thread, ticket: dict[str, Any]) -> None:
    """Leave a note in a conversation that a ticket was made of it."""
    with translation.override(setting("general", "language")):
        said = gettext("Ticket #%(number)s was created from this conversation: %(title)s")
    send_message(
        thread=thread,
        content=said % {"number": ticket["number"], "title": ticket["title"]},
        type=MessageType.SYSTEM,
        visibility=Visibility.INTERNAL,
    )


def values_of(message_id: UUID) -> dict[str, Any] | None:
    """Return the ticket's values of a left message; None where it has its ticket or is gone."""
    left = LeftMessage.objects.filter(pk=message_id).first()
    if left is None or Ticket.objects.filter(left_message=left).exists():
        return None
    contact = {"nickname": left.nickname, "email": left.email, "phone": left.phone, "pageUrl": left.page_url}
    return {
        "title": first_line(left.content),
        "content": left.content,
        "tags": [LEFT_TAG],
        "requester": left.visitor_id,
        "assignee": left.agent_id,
        "team": left.team_id,
        "originThread": left.thread_id,
        "leftMessage": left.pk,
        "customFields": {name: value for name, value in contact.items() if value},
    }


def first_line(text: str) -> str:
    """Return the first line that says something, short enough for a title."""
    said = [line.strip() for line in text.splitlines() if line.strip()]
    if not said:
        return ""
    return said[0] if len(said[0]) <= LONGEST_TITLE else said[0][: LONGEST_TITLE - 1].rstrip() + "…"
