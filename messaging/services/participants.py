"""Colleagues who are invited into a conversation: beside its agent, they see it, hear it and write in it.

Until they leave, are removed, it closes or goes to another team (threads.end_participations).
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from accounts.roles import sees_everything
from api.errors import Problem, field_error
from api.filters import Clause
from messaging.models import Thread, ThreadParticipant, ThreadState, ThreadType
from messaging.services import groups
from messaging.services.states import locked_chat
from messaging.services.threads import heard_by, record_moved_away, record_thread

MOST = 20  # people invited into one conversation


def invite(*, thread_id: UUID, agent: User, actor: User, visible: Iterable[Clause] = ()) -> Thread:
    """Invite a colleague into a conversation or a group; one who is in it already stays as it is.

    Into what another agent has open, only who may take it over invites. Raises Problem `not_found`,
    `validation_failed`, `role_not_permitted`, or `invalid_state` (closed, or between two people).
    """
    if not agent.is_active:
        raise field_error("agent", "user_inactive", "The user is not active.")
    with transaction.atomic():
        thread = locked_chat(thread_id, visible, groups=True)
        if thread.type == ThreadType.MEMBER:
            raise Problem("invalid_state", "Nobody is invited into what two people say to each other.")
        if thread.type == ThreadType.GROUP:
            groups.add_locked(thread, agent, actor)
            return thread
        if thread.state == ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is closed.")
        refuse_strangers(thread, actor)  # who is invited may take it over: nobody comes in uninvited
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
    """Go out of a conversation into which one was invited, or of a group. Raises Problem `not_found`, or
    `invalid_state` where one was not.
    """
    with transaction.atomic():
        thread = locked_chat(thread_id, visible, groups=True)
        if thread.type == ThreadType.GROUP:
            groups.remove_locked(thread, actor, actor)
            return thread
        if actor.pk not in thread.participant_ids:
            raise Problem("invalid_state", "Nobody has invited you: transfer or close the thread instead.")
        _let_go(thread, actor.pk, actor, "left")
    return thread


def remove_participant(
    *, thread_id: UUID, agent: User, actor: User, visible: Iterable[Clause] = ()
) -> Thread:
    """End a colleague's invitation, in a closed conversation too; if the colleague sees it no more, it hears
    that it is gone.

    The thread's agent may, who invited, supervisors and admins; in a group its members. Raises Problem
    `not_found`, `role_not_permitted`, or `invalid_state` where nobody has invited that one.
    """
    with transaction.atomic():
        thread = locked_chat(thread_id, visible, groups=True)
        if thread.type == ThreadType.GROUP:
            groups.remove_locked(thread, agent, actor)
            return thread
        invited = ThreadParticipant.objects.filter(thread=thread, user=agent).first()
        may_all = actor.pk == thread.agent_id or sees_everything(actor.role)
        if not may_all and (invited is None or invited.invited_by_id != actor.pk):
            raise Problem("role_not_permitted", "Its agent ends this, who invited, or a supervisor.")
        if agent.pk not in thread.participant_ids:
            raise Problem("invalid_state", "Nobody has invited this agent.")
        _let_go(thread, agent.pk, actor, "removed")
    return thread


def refuse_strangers(thread: Thread, actor: User) -> None:
    """Raise Problem `role_not_permitted` where another agent has a locked thread, and not a colleague."""
    is_anothers = thread.state == ThreadState.OPEN and thread.agent_id not in (None, actor.pk)
    if is_anothers and not is_colleague(actor, thread):
        raise Problem("role_not_permitted", "Its agent does this, a supervisor, or a colleague of its team.")


def is_colleague(actor: User, thread: Thread) -> bool:
    """Whether somebody may act for a thread's agent: supervisors and admins, the people of its team, those
    who share a team with its agent, and who was invited into it.
    """
    if sees_everything(actor.role) or actor.pk in thread.participant_ids:
        return True
    mine = list(actor.teams.values_list("pk", flat=True))
    return thread.team_id in mine or Team.objects.filter(pk__in=mine, members=thread.agent_id).exists()


def _let_go(thread: Thread, user_id: UUID, actor: User, action: str) -> None:
    heard_before = heard_by(thread)
    ThreadParticipant.objects.filter(thread=thread, user=user_id).delete()
    _save(thread, [each for each in thread.participant_ids if each != user_id])
    record_moved_away(thread, heard_before=heard_before, actor=actor)
    record_thread("thread.left", thread, actor=actor, action=action)


def _save(thread: Thread, participant_ids: list[UUID]) -> None:
    thread.participant_ids, thread.updated_at = participant_ids, timezone.now()
    thread.save(update_fields=["participant_ids", "updated_at"])
