"""What happens to a thread: queued → open → closed, and how far somebody has read it."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem
from api.filters import Clause
from events.services import record
from messaging.models import Thread, ThreadState, ThreadType
from messaging.services import routing
from messaging.services.handover import back_to_robot, leave_robot
from messaging.services.threads import (
    end_participations,
    heard_by,
    locked_thread,
    record_moved_away,
    record_thread,
    tell_visitor,
)

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
        thread = locked_chat(thread_id, visible)
        if thread.state == ThreadState.OPEN and thread.agent_id == actor.pk:
            return thread
        if thread.state == ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is closed.")
        if thread.agent_id not in (None, actor.pk):
            raise Problem("invalid_state", "Another agent has this thread.")
        accept_locked(thread, actor)
    return thread


def accept_locked(thread: Thread, actor: User) -> None:
    """Give a thread that the caller's transaction has locked to who takes it, however many that one has."""
    leave_robot(thread)
    routing.to_agent(thread, actor)
    routing.save(thread)
    record_thread("thread.accepted", thread, actor=actor, action="accepted")


def close_thread(*, thread_id: UUID, actor: User | None, visible: Iterable[Clause] = ()) -> Thread:
    """End a thread. Raises Problem `not_found`, or `invalid_state` when it is closed already."""
    with transaction.atomic():
        thread = locked_chat(thread_id, visible)
        if thread.state == ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is closed already.")
        close_locked(thread, actor)
    return thread


def close_locked(thread: Thread, actor: User | None, action: str = "closed") -> None:
    """End a thread that the caller's transaction has locked; its agent gets the next one that waits."""
    end_locked(thread, actor, action)
    routing.freed(thread.agent_id)


def end_locked(thread: Thread, actor: User | None, action: str = "closed") -> None:
    """End a thread that the caller's transaction has locked, and let those go who were invited.

    For a caller who ends several at once and only then calls routing.freed.
    """
    heard_before = heard_by(thread)
    end_participations(thread)
    thread.state, thread.waiting_since = ThreadState.CLOSED, None
    thread.closed_at = thread.updated_at = timezone.now()
    thread.save(update_fields=["state", "participant_ids", "waiting_since", "closed_at", "updated_at"])
    record_moved_away(thread, heard_before=heard_before, actor=actor)
    record_thread("thread.closed", thread, actor=actor, action=action)


def reopen_thread(*, thread_id: UUID, actor: User | None, visible: Iterable[Clause] = ()) -> Thread:
    """Go on with a closed thread: with its agent, or in the queue (reopen_locked). Raises Problem
    `not_found`, `invalid_state`.
    """
    with transaction.atomic():
        thread = locked_chat(thread_id, visible)
        if thread.state != ThreadState.CLOSED:
            raise Problem("invalid_state", "The thread is not closed.")
        reopen_locked(thread, actor)
    return thread


def reopen_locked(thread: Thread, actor: User | None) -> None:
    """Reopen a closed thread that the caller's transaction has locked.

    Its robot has it again where the visitor (no actor) goes on with it, else its agent; unless the visitor of
    a team comes back and the agent can take no more: then it waits, and goes to somebody else of the team.
    """
    heard_before = heard_by(thread)
    if actor is not None or not back_to_robot(thread):
        leave_robot(thread)
        former = thread.agent
        if former is None or not former.is_active or (actor is None and _must_wait(thread)):
            routing.to_queue(thread)
        else:
            thread.state = ThreadState.OPEN
    thread.closed_at = None
    routing.save(thread)
    record_moved_away(thread, heard_before=heard_before, actor=actor)
    record_thread("thread.reopened", thread, actor=actor, action="reopened")
    routing.route(thread)


def _must_wait(thread: Thread) -> bool:
    is_teams = thread.type == ThreadType.WORKGROUP and thread.team_id is not None
    return is_teams and thread.agent_id is not None and not routing.can_take_more(thread.agent_id)


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


def locked_chat(thread_id: UUID, visible: Iterable[Clause], *, groups: bool = False) -> Thread:
    """Return a conversation, locked. Raises Problem `not_found`, or `invalid_state` for that of a ticket, and
    for a group's where `groups` does not let it pass: it has no agent, no queue and no end but its last
    member's leaving.
    """
    thread = locked_thread(thread_id, visible)
    if thread.type == ThreadType.TICKET:
        raise Problem("invalid_state", "This thread belongs to a ticket: change the ticket.")
    if thread.type == ThreadType.GROUP and not groups:
        raise Problem("invalid_state", "This is a group: its members write, invite, remove and leave.")
    return thread
