"""Leaving a message while nobody is there: it is stored with an event, of which higher apps make a ticket."""

import re
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from accounts.audiences import work_audience
from api.errors import Problem, field_error
from events.services import record
from messaging.chat import queries
from messaging.models import LeftMessage, Thread, ThreadState, Visitor
from messaging.services.chat import target_of
from messaging.services.messages import checked_text
from messaging.services.states import close_locked
from messaging.services.threads import locked_thread
from messaging.services.visitors import record_visitor, teams_of

HOUR = timedelta(hours=1)
PER_HOUR = 5  # messages that one visitor leaves
PHONE = re.compile(r"\+?\d[\d\s()./-]{3,38}\d", re.ASCII)
CONTACT = ("nickname", "email", "phone")


def leave_message(
    *, visitor: Visitor, type: str, sid: str, content: str, client_id: str, page_url: str = "", **contact: str
) -> LeftMessage:
    """Store the message of a visitor whom nobody answers; a conversation that waits ends with it.

    `contact` is `nickname, email, phone`, of which the visitor keeps what it says. The same `client_id`
    stores one. Raises Problem `validation_failed` (an e-mail or a phone number is needed),
    `visitor_blocked`, `throttled`, or `invalid_state` where somebody answers by now.
    """
    contact = _checked_contact(contact)
    content = checked_text(content).strip()
    if not 1 <= len(client_id) <= 64:
        raise field_error("clientId", "invalid", "Expected 1 to 64 characters.")
    with transaction.atomic():
        # The visitor before its threads, as in chat.say, ask_for_person and block_visitor: in another order
        # two of them at once would wait for each other.
        locked = Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk)
        if locked.blocked_at:
            raise Problem("visitor_blocked")
        thread = _locked_conversation(visitor, type)
        if left := LeftMessage.objects.filter(visitor=visitor, client_id=client_id).first():
            return left
        if thread and thread.state == ThreadState.OPEN:
            raise Problem("invalid_state", "Somebody answers by now: write in the conversation.")
        _check_pace(visitor)
        waits = thread is not None and thread.state == ThreadState.QUEUED
        agent, team = (None, thread.team) if thread and waits else target_of(type, sid)
        left = LeftMessage.objects.create(
            visitor=locked,
            client_id=client_id,
            team=team,
            agent=agent,
            thread=thread if waits else None,
            content=content,
            page_url=page_url,
            **contact,
        )
        _keep_contact(locked, contact)
        if thread and waits:
            close_locked(thread, None)
        record(
            "chat.message_left",
            object_id=left.pk,
            audience=work_audience("messages", teams=[left.team_id], users=[left.agent_id]),
            data={"id": str(left.pk), "visitor": str(visitor.pk), "team": str(team.pk) if team else None},
        )
    return left


def _locked_conversation(visitor: Visitor, type: str) -> Thread | None:
    """Return the visitor's conversation, locked: after the visitor, as everywhere."""
    found = queries.current_thread(visitor.pk, type)
    return locked_thread(found.pk) if found else None


def _check_pace(visitor: Visitor) -> None:
    since = timezone.now() - HOUR
    if LeftMessage.objects.filter(visitor=visitor, created_at__gt=since)[:PER_HOUR].count() >= PER_HOUR:
        raise Problem("throttled", "We have your messages: wait a while.", headers={"Retry-After": "600"})


def _keep_contact(visitor: Visitor, contact: dict[str, str]) -> None:
    """Note what a visitor says of itself, where it is new."""
    changed = [name for name, value in contact.items() if value and value != getattr(visitor, name)]
    if changed:
        for name in changed:
            setattr(visitor, name, contact[name])
        visitor.updated_at = timezone.now()
        visitor.save(update_fields=[*changed, "updated_at"])
        record_visitor("visitor.updated", visitor, None, teams=teams_of(visitor), changed=changed)


def _checked_contact(given: dict[str, Any]) -> dict[str, str]:
    """Return how to reach a visitor. Raises Problem `validation_failed`."""
    contact = {name: given.get(name, "").strip() for name in CONTACT}
    if len(contact["nickname"]) > 120:
        raise field_error("nickname", "too_long", "Expected at most 120 characters.")
    if not (contact["email"] or contact["phone"]):
        raise field_error("email", "required", "Expected an e-mail address or a phone number.")
    try:
        validate_email(contact["email"]) if contact["email"] else None
    except ValidationError:
        raise field_error("email", "invalid", "This is no e-mail address.") from None
    if contact["phone"] and not PHONE.fullmatch(contact["phone"]):
        raise field_error("phone", "invalid", "This is no phone number.")
    return contact
