"""A conversation goes from hand to hand: transferred by who has it, or taken over by a colleague."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts.models import Team, User
from api.errors import Problem, field_error
from api.filters import Clause
from messaging.models import Thread, ThreadState, ThreadType, Visibility
from messaging.services import routing
from messaging.services.handover import wait_for_people
from messaging.services.messages import checked_text, send_message
from messaging.services.participants import is_colleague, refuse_strangers
from messaging.services.states import locked_chat
from messaging.services.threads import heard_by, record_moved_away, record_thread, to_team


def transfer_thread(
    *,
    thread_id: UUID,
    actor: User,
    agent: User | None = None,
    team: Team | None = None,
    note: str = "",
    visible: Iterable[Clause] = (),
) -> Thread:
    """Give a thread to an agent, or to a team (where it waits, not for who has just given it away), or to an
    agent of a team; a `note` becomes an internal message for who gets it.

    What another agent has open is given away only by who may take it over. With another team, those who were
    invited go. Who sees it no more hears only that it is gone. Raises Problem `not_found`,
    `validation_failed`, `role_not_permitted` or `invalid_state`.
    """
    if agent is None and team is None:
        raise field_error("agent", "required", "Expected an agent, a team, or both.")
    if agent is not None and not agent.is_active:
        raise field_error("agent", "user_inactive", "The user is not active.")
    if note:
        checked_text(note, "note")
    with transaction.atomic():
        thread = locked_chat(thread_id, visible)
        if thread.state == ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is closed.")
        if thread.type == ThreadType.MEMBER:
            raise Problem("invalid_state", "What two people say to each other is not transferred.")
        refuse_strangers(thread, actor)
        before, heard_before = (thread.team_id, thread.agent_id, thread.state), heard_by(thread)
        former = thread.agent_id
        waits_already = thread.state == ThreadState.QUEUED and team in (None, thread.team)
        wait_for_people(thread)
        to_team(thread, team or thread.team)
        if agent is not None:
            routing.to_agent(thread, agent)
        elif not waits_already:
            routing.to_queue(thread, passed_on_by=former)
        moved = (thread.team_id, thread.agent_id, thread.state) != before
        if moved:
            routing.save(thread)
            record_moved_away(thread, heard_before=heard_before, actor=actor)
            record_thread("thread.transferred", thread, actor=actor, action="transferred")
        if note:
            send_message(thread=thread, user=actor, content=note, visibility=Visibility.INTERNAL)
        if moved:
            routing.route(thread)
            if former != thread.agent_id:
                routing.freed(former)
    return thread


def take_over_thread(*, thread_id: UUID, actor: User, visible: Iterable[Clause] = ()) -> Thread:
    """Take an open conversation from another agent, who hears of it; one's own stays as it is.

    Supervisors and admins may, the people of its team, those who share a team with its agent, and who was
    invited into it. Raises Problem `not_found`, `role_not_permitted` or `invalid_state`.
    """
    with transaction.atomic():
        thread = locked_chat(thread_id, visible)
        if thread.type == ThreadType.MEMBER:
            raise Problem("invalid_state", "What two people say to each other is not taken over.")
        if thread.state != ThreadState.OPEN or thread.agent_id is None:
            raise Problem("invalid_state", "Nobody has this thread: accept or reopen it.")
        if thread.agent_id == actor.pk:
            return thread
        if not is_colleague(actor, thread):
            raise Problem("role_not_permitted", "A supervisor takes this over, or a colleague of its team.")
        heard_before, former = heard_by(thread), thread.agent_id
        routing.to_agent(thread, actor)
        routing.save(thread)
        record_moved_away(thread, heard_before=heard_before, actor=actor)
        record_thread("thread.taken_over", thread, actor=actor, action="taken_over")
        routing.freed(former)
    return thread
