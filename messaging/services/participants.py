"""Colleagues who are invited into a conversation: beside its agent, they see it, hear it and write in it."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem, field_error
from api.filters import Clause
from messaging.models import Thread, ThreadParticipant, ThreadState, ThreadType
from messaging.services.states import locked_chat
from messaging.services.threads import heard_by, record_moved_away, record_thread

MOST = 20  # people invited into one conversation


def invite(*, thread_id: UUID, agent: User, actor: User, visible: Iterable[Clause] = ()) -> Thread:
    """Invite a colleague into a conversation; one who is in it already stays as it is.

    Raises Problem `not_found`, `validation_failed`, or `invalid_state` (closed, or between two people).
    """
    if not agent.is_active:
        raise field_error("agent", "user_inactive", "The user is not active.")
    with transaction.atomic():
        thread = locked_chat(thread_id, visible)
        if thread.type == ThreadType.MEMBER:
            raise Problem("invalid_state", "Nobody is invited into what two people say to each other.")
        if thread.state == ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is closed.")
        if agent.pk == thread.agent_id:
            raise field_error("agent", "invalid", "This is the thread's agent.")
        if agent.pk not in thread.participant_ids:
            if len(thread.participant_ids) >= MOST:
                raise field_error("agent", "too_many", f"Expected at most {MOST} participants.")
            ThreadParticipant.objects.create(thread=thread, user=agent, invited_by=actor)
            _save(thread, [*thread.participant_ids, agent.pk])
            record_thread("thread.invited", thread, actor=actor, action="invited")
    return thread


def leave(*, thread_id: UUID, actor: User, visible: Iterable[Clause] = ()) -> Thread:
    """Go out of a conversation into which one was invited. Raises Problem `not_found`, or `invalid_state`
    where one was not.
    """
    with transaction.atomic():
        thread = locked_chat(thread_id, visible)
        if actor.pk not in thread.participant_ids:
            raise Problem("invalid_state", "Nobody has invited you: transfer or close the thread instead.")
        heard_before = heard_by(thread)
        ThreadParticipant.objects.filter(thread=thread, user=actor).delete()
        _save(thread, [each for each in thread.participant_ids if each != actor.pk])
        record_moved_away(thread, heard_before=heard_before, actor=actor)
        record_thread("thread.left", thread, actor=actor, action="left")
    return thread


def _save(thread: Thread, participant_ids: list[UUID]) -> None:
    thread.participant_ids, thread.updated_at = participant_ids, timezone.now()
    thread.save(update_fields=["participant_ids", "updated_at"])
