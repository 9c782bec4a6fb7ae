"""Editing and recalling a message: it keeps its number, and what it said before stays readable nowhere."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import sees_everything
from api.errors import Problem
from api.filters import Clause
from events.services import blank_past, record
from messaging import queries
from messaging.files import links
from messaging.models import AMONG_COLLEAGUES, Attachment, Message, MessageType, Thread, Visibility
from messaging.services.mentions import mentioned
from messaging.services.messages import checked_text, preview_of
from messaging.services.threads import heard_of_message, locked_thread
from settings_app.queries import setting


def edit_message(
    *,
    message_id: UUID,
    content: str | None,
    actor: User,
    visible: Iterable[Clause] = (),
    match: Callable[[str, Any], None] | None = None,
) -> dict[str, Any]:
    """Give a text message of the actor's another content (None: the same) and return it as the API shows it.

    Raises Problem `not_found`, `validation_failed`, `role_not_permitted` (somebody else's message),
    `invalid_state` (no text, recalled, or sent longer ago than `chat.editSeconds`) or `conflict`.
    """
    with transaction.atomic():
        thread, message = _locked(message_id, visible)
        if match:
            shown = queries.message_shown(message_id)
            match(queries.message_etag(shown), shown)
        if content is None or content == message.content:
            return queries.message_shown(message_id)
        if message.user_id != actor.pk:
            raise Problem("role_not_permitted", "Only its sender edits a message.")
        if message.type != MessageType.TEXT:
            raise Problem("invalid_state", "Only texts are edited.")
        if message.recalled_at:
            raise Problem("invalid_state", "The message was recalled.")
        _check_in_time(message)
        # Who was mentioned stays so; who is named now is, too.
        named = mentioned(thread=thread, visibility=message.visibility, content=checked_text(content))
        message.mentions = [*message.mentions, *(each for each in named if each not in message.mentions)]
        message.edited_at = timezone.now()
        return _replace("message.updated", thread, message, checked_text(content), actor)


def recall_message(*, message_id: UUID, actor: User, visible: Iterable[Clause] = ()) -> dict[str, Any]:
    """Take a message back and return it as the API shows it: empty, in its place. A second time is the same.

    Its sender may within `chat.editSeconds`; supervisors and admins may at any time, with the messages of the
    desk's people, but for what these say among themselves. Raises Problem `not_found`,
    `role_not_permitted` or `invalid_state`.
    """
    with transaction.atomic():
        thread, message = _locked(message_id, visible)
        supervises = sees_everything(actor.role) and thread.type not in AMONG_COLLEAGUES
        if message.user_id is None or not (supervises or message.user_id == actor.pk):
            raise Problem(
                "role_not_permitted", "Its sender recalls a message, or a supervisor a colleague's."
            )
        if message.recalled_at:
            return queries.message_shown(message_id)
        if not supervises:
            _check_in_time(message)
        message.recalled_at, message.card, message.mentions = timezone.now(), None, []
        Attachment.objects.filter(message=message).delete()  # its file is swept
        for gone in ("attachment", "card"):
            blank_past(message.pk, [gone], by="null")
        return _replace("message.recalled", thread, message, "", actor)


def _locked(message_id: UUID, visible: Iterable[Clause]) -> tuple[Thread, Message]:
    """Return a message and its thread, whose lock orders all that is written in it."""
    thread_id = Message.objects.filter(pk=message_id).values_list("thread_id", flat=True).first()
    if thread_id is None:
        raise Problem("not_found")
    thread = locked_thread(thread_id, visible)
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        raise Problem("not_found")
    return thread, message


def _check_in_time(message: Message) -> None:
    seconds = setting("chat", "editSeconds")
    if timezone.now() - message.created_at > timedelta(seconds=seconds):
        raise Problem("invalid_state", f"A message is changed within {seconds} seconds after it was sent.")


def _replace(type: str, thread: Thread, message: Message, content: str, actor: User) -> dict[str, Any]:
    """Store the content, forget the one before wherever it was told, and tell of the change."""
    before, message.content = message.content, content
    message.save(update_fields=["content", "card", "mentions", "edited_at", "recalled_at"])
    blank_past(message.pk, ["content"])
    if message.visibility == Visibility.PUBLIC:
        if message.type in (MessageType.TEXT, MessageType.CARD):
            blank_past(thread.pk, ["thread", "content"], preview_of(message.type, before))
        later = Message.objects.filter(thread=thread, seq__gt=message.seq, visibility=Visibility.PUBLIC)
        if not later.exists():
            thread.last_content = preview_of(message.type, content) if content else ""
            thread.updated_at = timezone.now()
            thread.save(update_fields=["last_content", "updated_at"])
    shown = queries.message_shown(message.pk)
    audience = heard_of_message(thread, message.visibility)
    record(type, object_id=message.pk, audience=audience, actor=actor, data=links.without(shown))
    return shown
