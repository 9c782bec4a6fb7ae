"""What happens to a thread: queued → open → closed, from hand to hand, and how far somebody has read it."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Team, User
from api.errors import Problem, field_error
from api.filters import Clause
from events.services import record
from messaging.models import Thread, ThreadState, ThreadType
from messaging.services.handover import back_to_robot, leave_robot
from messaging.services.threads import heard_by, locked_thread, record_moved_away, record_thread, tell_visitor

READ = """
    INSERT INTO messaging_readmark AS mark (thread_id, user_id, seq)
    SELECT id, %s, least(coalesce(%s::integer, last_seq), last_seq) FROM messaging_thread WHERE id = %s
    ON CONFLICT (thread_id, user_id) DO UPDATE SET seq = excluded.seq, updated_at = now()
    WHERE mark.seq < excluded.seq
    RETURNING seq"""


def accept_thread(*, thread_id: UUID, actor: User, visible: Iterable[Clause] = ()) -> Thread:
    """Take a thread that waits, or that a robot has. Of two who accept at once one wins and the other gets
    Problem `invalid_state`.

    One's own open thread stays as it is. `visible` narrows what the actor may see, else Problem `not_found`.
    """
    with transaction.atomic():
        thread = _locked_chat(thread_id, visible)
        if thread.state == ThreadState.OPEN and thread.agent_id == actor.pk:
            return thread
        if thread.state == ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is closed.")
        if thread.agent_id not in (None, actor.pk):
            raise Problem("invalid_state", "Another agent has this thread.")
        accept_locked(thread, actor)
    return thread


def accept_locked(thread: Thread, actor: User) -> None:
    """Give a thread that the caller's transaction has locked to who takes it."""
    leave_robot(thread)
    thread.agent, thread.state = actor, ThreadState.OPEN
    _save(thread)
    record_thread("thread.accepted", thread, actor=actor, action="accepted")


def transfer_thread(
    *,
    thread_id: UUID,
    actor: User,
    agent: User | None = None,
    team: Team | None = None,
    visible: Iterable[Clause] = (),
) -> Thread:
    """Give a thread to an agent, or to a team (where it waits), or to an agent of a team.

    Who sees it no more hears only that it is gone. Raises Problem `not_found`, `validation_failed` or
    `invalid_state`.
    """
    if agent is None and team is None:
        raise field_error("agent", "required", "Expected an agent, a team, or both.")
    if agent is not None and not agent.is_active:
        raise field_error("agent", "user_inactive", "The user is not active.")
    with transaction.atomic():
        thread = _locked_chat(thread_id, visible)
        if thread.state == ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is closed.")
        if thread.type == ThreadType.MEMBER:
            raise Problem("invalid_state", "What two people say to each other is not transferred.")
        before, heard_before = (thread.team_id, thread.agent_id, thread.state), heard_by(thread)
        leave_robot(thread)
        thread.team = team or thread.team
        thread.agent = agent
        thread.state = ThreadState.OPEN if agent else ThreadState.QUEUED
        if (thread.team_id, thread.agent_id, thread.state) != before:
            _save(thread)
            record_moved_away(thread, heard_before=heard_before, actor=actor)
            record_thread("thread.transferred", thread, actor=actor, action="transferred")
    return thread


def close_thread(*, thread_id: UUID, actor: User | None, visible: Iterable[Clause] = ()) -> Thread:
    """End a thread. Raises Problem `not_found`, or `invalid_state` when it is closed already."""
    with transaction.atomic():
        thread = _locked_chat(thread_id, visible)
        if thread.state == ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is closed already.")
        close_locked(thread, actor)
    return thread


def close_locked(thread: Thread, actor: User | None) -> None:
    """End a thread that the caller's transaction has locked."""
    thread.state, thread.closed_at = ThreadState.CLOSED, timezone.now()
    _save(thread)
    record_thread("thread.closed", thread, actor=actor, action="closed")


def reopen_thread(*, thread_id: UUID, actor: User | None, visible: Iterable[Clause] = ()) -> Thread:
    """Go on with a closed thread: with its agent, or in the queue. Raises Problem `not_found`,
    `invalid_state`.
    """
    with transaction.atomic():
        thread = _locked_chat(thread_id, visible)
        if thread.state != ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is not closed.")
        reopen_locked(thread, actor)
    return thread


def reopen_locked(thread: Thread, actor: User | None) -> None:
    """Reopen a closed thread that the caller's transaction has locked: with its agent, or in the queue; with
    its robot where the visitor (no actor) goes on with it.
    """
    if actor is not None or not back_to_robot(thread):
        leave_robot(thread)
        thread.state = ThreadState.OPEN if thread.agent_id else ThreadState.QUEUED
    thread.closed_at = None
    _save(thread)
    record_thread("thread.reopened", thread, actor=actor, action="reopened")


def read_thread(*, thread_id: UUID, user: User, seq: int | None = None) -> bool:
    """Note that a user has read a thread up to `seq` (None: all of it); return whether that is further than
    before.

    Reading never goes back, and no further than the last message. Only the user's own screens hear of it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(READ, [user.pk, seq, thread_id])
            row = cursor.fetchone()
        if row:
            record(
                "thread.read",
                object_id=thread_id,
                audience=[f"messages/user:{user.pk}"],
                actor=user,
                data={"thread": str(thread_id), "seq": row[0]},
            )
            if read := Thread.objects.filter(pk=thread_id, agent=user).first():
                tell_visitor(read)
    return row is not None


def _locked_chat(thread_id: UUID, visible: Iterable[Clause]) -> Thread:
    thread = locked_thread(thread_id, visible)
    if thread.type == ThreadType.TICKET:
        raise Problem("invalid_state", "This thread belongs to a ticket: change the ticket.")
    return thread


def _save(thread: Thread) -> None:
    thread.updated_at = timezone.now()
    thread.save(update_fields=["type", "state", "agent", "team", "robot_misses", "closed_at", "updated_at"])
