"""Who gets a conversation that waits: at once, by the team's way, and never beyond what an agent takes.

One lock orders all that is given away, so that two transactions never count the same free place of an agent.
It is taken last: who holds it waits for nobody's row (SKIP LOCKED) and locks nothing more that another could
hold. So a service first locks the threads it works on, writes them, and then calls `route` or `freed`.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from messaging.models import CHATS, Thread, ThreadState, ThreadType
from messaging.queue_queries import CAN, IS_CHAT, OPEN, anything_waits
from messaging.services.threads import heard_by, record_moved_away, record_thread

LOCK = 7_254_020  # of pg_advisory_xact_lock: any number nobody else of this database uses
AT_ONCE = 100  # threads that one sweep looks at
FIELDS = (
    "type", "state", "agent", "team", "participant_ids", "robot_misses", "queued_at", "team_queued_at",
    "assigned_at", "waited_seconds", "passed_on_by", "closed_at", "updated_at",
)  # fmt: skip

# The row is locked so that nobody goes away, or takes fewer, while being given something; who is about to is
# passed over. Of the rest: the fewest for what they take, then who got one longest ago.
AGENT_FOR = f"""
    SELECT u.id FROM accounts_user_teams m JOIN accounts_user u ON u.id = m.user_id
    JOIN accounts_team team ON team.id = m.team_id LEFT JOIN messaging_turn turn ON turn.user_id = u.id
    WHERE m.team_id = %s AND team.routing <> 'manual' AND {CAN} AND u.skills @> %s::varchar[]
    AND u.id IS DISTINCT FROM %s
    ORDER BY CASE WHEN team.routing = 'least_busy' THEN {OPEN}::float / nullif(u.capacity, 0) END,
        turn.at NULLS FIRST, u.id
    LIMIT 1 FOR NO KEY UPDATE OF u SKIP LOCKED"""
PLACES = f"""
    SELECT u.capacity - {OPEN} FROM accounts_user u WHERE u.id = %s AND {CAN}
    FOR NO KEY UPDATE OF u SKIP LOCKED"""
THREADS_FOR = f"""
    SELECT t.* FROM accounts_user u JOIN accounts_user_teams m ON m.user_id = u.id
    JOIN accounts_team team ON team.id = m.team_id JOIN messaging_thread t ON t.team_id = m.team_id
    WHERE u.id = %s AND team.routing <> 'manual' AND t.state = 'queued' AND {IS_CHAT}
    AND t.skills <@ u.skills AND t.passed_on_by_id IS DISTINCT FROM u.id
    ORDER BY t.queued_at, t.id LIMIT %s FOR UPDATE OF t SKIP LOCKED"""
PLACEABLE = f"""
    WITH free AS MATERIALIZED (
        SELECT u.id, u.skills, m.team_id FROM accounts_user u JOIN accounts_user_teams m ON m.user_id = u.id
        JOIN accounts_team team ON team.id = m.team_id
        WHERE {CAN} AND team.routing <> 'manual'
    ), teams AS (SELECT DISTINCT team_id FROM free)
    SELECT t.id FROM teams JOIN messaging_thread t ON t.team_id = teams.team_id
    WHERE t.state = 'queued' AND {IS_CHAT} AND EXISTS (
        SELECT 1 FROM free WHERE free.team_id = t.team_id AND t.skills <@ free.skills
        AND t.passed_on_by_id IS DISTINCT FROM free.id)
    ORDER BY t.queued_at, t.id LIMIT %s"""
TURN = """
    INSERT INTO messaging_turn (user_id, at) VALUES (%s, clock_timestamp())
    ON CONFLICT (user_id) DO UPDATE SET at = excluded.at"""


def to_queue(thread: Thread, *, keeps_place: bool = False, passed_on_by: UUID | None = None) -> None:
    """Put a thread in hand into its team's queue, at the end or where its time of waiting puts it; unsaved.

    `passed_on_by` is who gives it back: the queue does not give it to the same again.
    """
    now = timezone.now()
    if not (keeps_place and thread.queued_at):
        thread.queued_at, thread.waited_seconds = now, None
    thread.agent, thread.state, thread.team_queued_at = None, ThreadState.QUEUED, now
    thread.passed_on_by_id = passed_on_by


def to_agent(thread: Thread, agent: User) -> None:
    """Give a thread in hand to an agent, and note how long it has waited for its first one; unsaved."""
    now = timezone.now()
    thread.agent, thread.state, thread.assigned_at = agent, ThreadState.OPEN, now
    if thread.queued_at and thread.waited_seconds is None:
        thread.waited_seconds = max(0, int((now - thread.queued_at).total_seconds()))


def save(thread: Thread) -> None:
    """Store where a thread is now."""
    thread.updated_at = timezone.now()
    thread.save(update_fields=FIELDS)


def route(thread: Thread) -> bool:
    """Give a thread that the caller's transaction has locked, if it waits, to an agent of its team who can
    take it; return whether there was one.
    """
    if thread.state != ThreadState.QUEUED or thread.team_id is None or thread.type not in CHATS:
        return False
    _lock()
    with connection.cursor() as cursor:
        skills = "{" + ",".join(f'"{_quoted(each)}"' for each in thread.skills) + "}"
        cursor.execute(AGENT_FOR, [thread.team_id, skills, thread.passed_on_by_id])
        row = cursor.fetchone()
    if row is None:
        return False
    _assign(thread, User.objects.get(pk=row[0]))
    return True


def freed(agent_id: UUID | None) -> None:
    """Give an agent who may have become free what has waited longest of all that the agent can take."""
    if agent_id is None:
        return
    _lock()
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [agent_id])
        row = cursor.fetchone()
    if row is not None:
        waiting = list(Thread.objects.raw(THREADS_FOR, [agent_id, row[0]]))
        if waiting:
            agent = User.objects.get(pk=agent_id)
            for thread in waiting:
                _assign(thread, agent)


def can_take_more(agent_id: UUID) -> bool:
    """Whether an agent is available and has a place left; it stays so until the transaction ends."""
    _lock()
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [agent_id])
        return cursor.fetchone() is not None


def sweep(limit: int = AT_ONCE) -> int:
    """Give away what waits while somebody is free, looking at so many; return how many threads.

    For the moment when somebody becomes free otherwise than by a thread's end, and against whatever was
    missed.
    """
    if not anything_waits():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(PLACEABLE, [limit])
        found = [row[0] for row in cursor.fetchall()]
    return sum(_route_waiting(thread_id) for thread_id in found)


def _route_waiting(thread_id: UUID) -> bool:
    with transaction.atomic():
        waiting = Thread.objects.select_for_update(skip_locked=True)
        thread = waiting.filter(pk=thread_id, state=ThreadState.QUEUED).first()
        return thread is not None and route(thread)


def return_threads(agent_id: UUID, *, direct: bool = False) -> int:
    """Put an agent's conversations back where their time of waiting puts them, and give those of teams to
    others at once; return how many. `direct` ones only of who will not be back: else they stay.

    What belongs to no team waits for who accepts it.
    """
    types = [ThreadType.WORKGROUP, *([ThreadType.AGENT] if direct else [])]
    with transaction.atomic():
        theirs = Thread.objects.select_for_update().filter(
            agent_id=agent_id, type__in=types, state=ThreadState.OPEN
        )
        threads = list(theirs.order_by("id"))
        for thread in threads:
            move(thread, None, "requeued", keeps_place=True, heard_before=heard_by(thread))
        _route_all(threads)
    return len(threads)


def move(
    thread: Thread, actor: User | None, action: str, *, keeps_place: bool, heard_before: Iterable[str] = ()
) -> None:
    """Put a locked thread into its team's queue and tell of it; those of `heard_before` who see it no more
    hear only that it is gone.
    """
    to_queue(thread, keeps_place=keeps_place)
    save(thread)
    record_moved_away(thread, heard_before=heard_before, actor=actor)
    record_thread(f"thread.{action}", thread, actor=actor, action=action)


def _route_all(threads: Iterable[Thread]) -> None:
    for thread in sorted(threads, key=lambda each: (each.queued_at or each.created_at, each.pk)):
        route(thread)


def _assign(thread: Thread, agent: User) -> None:
    to_agent(thread, agent)
    save(thread)
    with connection.cursor() as cursor:
        cursor.execute(TURN, [agent.pk])
    record_thread("thread.assigned", thread, actor=None, action="assigned")


def _lock() -> None:
    with connection.cursor() as cursor:  # a statement of its own: the next one sees what was done before
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
