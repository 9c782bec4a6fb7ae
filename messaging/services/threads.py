"""Beginning a thread, locking one, and who hears of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.audiences import lost_audience, work_audience
from accounts.models import Team, User
from accounts.skills import checked_skills
from api.errors import Problem, field_error
from api.filters import Clause
from events.services import record
from messaging import queries
from messaging.chat import queries as chat
from messaging.models import (
    AMONG_COLLEAGUES,
    Robot,
    Thread,
    ThreadParticipant,
    ThreadState,
    ThreadType,
    Visibility,
    Visitor,
)
from messaging.services.audience import heard_by_visitor


def create_thread(
    *,
    type: str,
    visitor: Visitor | None = None,
    agent: User | None = None,
    team: Team | None = None,
    topic: str = "",
    skills: Iterable[str] = (),
    state: str = "",
    robot: Robot | None = None,
    members: Sequence[User] = (),
    actor: User | None = None,
    created_at: datetime | None = None,
) -> Thread:
    """Begin a thread; without an agent or a robot it waits in the queue (routing.route finds one). `actor` is
    who begins it (None: the visitor); `skills` are what its agent should have.

    AGENT needs a visitor and an agent, WORKGROUP a visitor and a team (or the robot it began with), ROBOT a
    visitor and a robot, MEMBER an agent other than the actor, GROUP `members` (groups.begin_group). The
    thread of a ticket (TICKET) follows the ticket and is no event of its own. Raises Problem
    `validation_failed`.
    """
    _check(type, visitor, agent, team, robot, topic, actor)
    waits = agent is None and type not in (ThreadType.TICKET, ThreadType.ROBOT, ThreadType.GROUP)
    thread = Thread(
        type=type,
        state=state or (ThreadState.QUEUED if waits else ThreadState.OPEN),
        visitor=visitor,
        agent=agent,
        team=team,
        robot=robot,
        topic=topic,
        skills=checked_skills(skills),
        created_by=actor,
        participant_ids=[each.pk for each in members],
    )
    if created_at is not None:
        thread.created_at = thread.updated_at = created_at
    if thread.state == ThreadState.QUEUED:
        thread.queued_at = thread.team_queued_at = created_at or timezone.now()
    with transaction.atomic():
        thread.save(force_insert=True)
        ThreadParticipant.objects.bulk_create(
            ThreadParticipant(thread=thread, user=each, invited_by=actor) for each in members
        )
        if type != ThreadType.TICKET:
            record_thread("thread.created", thread, actor=actor, action="created")
    return thread


def hide_thread(*, thread_id: UUID | None, hidden: bool) -> None:
    """Hide a conversation with its ticket in the bin, or show it again; inside the ticket's transaction."""
    if thread_id is not None:
        Thread.objects.filter(pk=thread_id).update(hidden_at=timezone.now() if hidden else None)


def to_team(thread: Thread, team: Team | None) -> None:
    """Give a thread in hand to a team; with the old one go those whom it had invited. Unsaved."""
    if (team.pk if team else None) != thread.team_id:
        end_participations(thread)
    thread.team = team


def end_participations(thread: Thread) -> None:
    """Let everybody go who was invited into a thread in hand; the caller saves `participant_ids`."""
    if thread.participant_ids:
        ThreadParticipant.objects.filter(thread=thread).delete()
        thread.participant_ids = []


class Owned(Protocol):
    """What decides who hears of a thread: the row itself, or what sending a message returns of it."""

    @property
    def type(self) -> str: ...
    @property
    def team_id(self) -> UUID | None: ...
    @property
    def agent_id(self) -> UUID | None: ...
    @property
    def created_by_id(self) -> UUID | None: ...
    @property
    def visitor_id(self) -> UUID | None: ...
    @property
    def participant_ids(self) -> list[UUID]: ...


def heard_by(thread: Owned) -> list[str]:
    """Return the audience of what happens in a thread; queries.visible_to says the same of reading it."""
    if thread.type in AMONG_COLLEAGUES:  # theirs alone: no supervisor hears what they say
        two = (thread.agent_id, thread.created_by_id)
        theirs = two if thread.type == ThreadType.MEMBER else thread.participant_ids
        return [f"messages/user:{each}" for each in theirs if each]
    users = [thread.agent_id, *thread.participant_ids]
    if thread.type != ThreadType.TICKET:
        users.append(thread.created_by_id)
    return work_audience("messages", teams=[thread.team_id], users=users)


def heard_of_message(thread: Owned, visibility: str) -> list[str]:
    """Return the audience of a message: notes are for the people of the desk alone."""
    public = visibility == Visibility.PUBLIC
    return heard_by(thread) + (heard_by_visitor(thread.type, thread.visitor_id) if public else [])


def record_thread(type: str, thread: Thread, *, actor: User | None, action: str) -> None:
    """Record an event of a thread, and tell its visitor how it now stands."""
    record_for_desk(type, thread, actor=actor, action=action)
    tell_visitor(thread)


def record_for_desk(type: str, thread: Thread, *, actor: User | None, action: str) -> None:
    """Record an event of a thread: the thread as all see it, and what happened (iframe-protocol.md)."""
    shown = queries.thread_shown(thread.pk)
    del shown["unreadCount"]  # everybody has his own
    record(
        type,
        object_id=thread.pk,
        audience=heard_by(thread),
        actor=actor,
        data={"thread": shown, "action": action},
    )


def tell_visitor(thread: Thread) -> None:
    """Record, for the visitor's own page, how its conversation now stands: nothing that is the desk's own."""
    if audience := heard_by_visitor(thread.type, thread.visitor_id):
        now = Thread.objects.select_related("agent", "team", "robot").get(pk=thread.pk)
        record("chat.thread", object_id=thread.pk, audience=audience, data=chat.thread_shown(now))


def record_moved_away(thread: Thread, *, heard_before: Iterable[str], actor: User | None) -> None:
    """Tell those who see a thread no more that it is gone, and nothing else; before the event of its move."""
    if lost := lost_audience(heard_before, heard_by(thread)):
        ids = {"id": str(thread.pk), "uid": str(thread.pk)}
        record(
            "thread.moved_away",
            object_id=thread.pk,
            audience=lost,
            actor=actor,
            data={"thread": ids, "action": "moved_away"},
        )


def locked_thread(thread_id: UUID, visible: Iterable[Clause] = ()) -> Thread:
    """Return a thread, locked; `visible` is judged again under the lock. Raises Problem `not_found`."""
    clauses: list[Clause] = [('"messaging_thread"."id" = %s', [thread_id]), *visible]
    sql = " AND ".join(f"({clause})" for clause, _ in clauses)
    params: list[Any] = [param for _, each in clauses for param in each]
    for thread in Thread.objects.raw(f'SELECT * FROM "messaging_thread" WHERE {sql} FOR UPDATE', params):
        return thread
    raise Problem("not_found")


def _check(
    type: str,
    visitor: Visitor | None,
    agent: User | None,
    team: Team | None,
    robot: Robot | None,
    topic: str,
    actor: User | None,
) -> None:
    """Raise Problem `validation_failed` for a thread that its type does not allow."""
    if type not in ThreadType.values:
        raise field_error("type", "invalid", f"Expected one of {', '.join(ThreadType.values)}.")
    if len(topic) > 300:
        raise field_error("topic", "too_long", "Expected at most 300 characters.")
    if agent is not None and not agent.is_active and type != ThreadType.TICKET:
        raise field_error("agent", "user_inactive", "The user is not active.")
    if type in (ThreadType.AGENT, ThreadType.WORKGROUP, ThreadType.ROBOT) and visitor is None:
        raise field_error("visitor", "required", "A conversation of this type has a visitor.")
    if type in (ThreadType.AGENT, ThreadType.MEMBER) and agent is None:
        raise field_error("agent", "required", "A conversation of this type has an agent.")
    if type == ThreadType.ROBOT and robot is None:
        raise field_error("robot", "required", "A conversation of this type has a robot.")
    if type == ThreadType.WORKGROUP and team is None and robot is None:
        raise field_error("team", "required", "A conversation of this type has a team.")
    if type in AMONG_COLLEAGUES:
        given: dict[str, Any] = {"visitor": visitor, "team": team, "robot": robot}
        if type == ThreadType.GROUP:
            given["agent"] = agent
        for field in given:
            if given[field] is not None:
                raise field_error(field, "invalid", "People of the desk among themselves have none.")
    if type == ThreadType.MEMBER and (actor is None or actor == agent):
        raise field_error("agent", "invalid", "Expected somebody else.")
