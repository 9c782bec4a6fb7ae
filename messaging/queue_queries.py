"""Reading the queues: a conversation's place, how long it may take, and how each team stands."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from api.ids import id_array
from messaging.models import CHATS, Thread

TYPES = ", ".join(f"'{each}'" for each in map(str, CHATS))  # as the partial indexes name them
# How many conversations an agent has now; also a column of the list of people (messaging.apps).
OPEN_CHATS = f"""(SELECT count(*) FROM messaging_thread chat WHERE chat.agent_id = {{id}}
    AND chat.state = 'open' AND chat.type IN ({TYPES}))"""
OPEN = OPEN_CHATS.format(id="u.id")
CAN = f"u.is_active AND u.status = 'AVAILABLE' AND {OPEN} < u.capacity"  # take another conversation
IS_CHAT = f"t.type IN ({TYPES})"
LAST = 20  # conversations whose waiting says how long the next one waits
TOLD = 20  # waiting visitors of a team who are told when their place changes

# Of those that had to wait at all: who is in the queue is not among the others.
ESTIMATE = f"""(SELECT round(avg(waited_seconds))::integer FROM (
    SELECT done.waited_seconds FROM messaging_thread done
    WHERE done.team_id = {{}} AND done.waited_seconds > 0
    ORDER BY done.assigned_at DESC LIMIT {LAST}) last)"""
WAITING = f"t.state = 'queued' AND {IS_CHAT}"
PLACE = f"""
    SELECT (SELECT count(*) FROM messaging_thread t WHERE t.team_id = %s AND {WAITING}
            AND (t.queued_at, t.id) < (%s, %s)) + 1, {ESTIMATE.format("%s")}"""
PLACE_WITHOUT_TEAM = f"""
    SELECT count(*) + 1, NULL FROM messaging_thread t WHERE t.team_id IS NULL AND {WAITING}
    AND (t.queued_at, t.id) < (%s, %s)"""
FIRST = f"""
    SELECT waiting.id, waiting.type, waiting.visitor_id, waiting.position, {ESTIMATE.format("team.id")}
    FROM accounts_team team CROSS JOIN LATERAL (
        SELECT t.id, t.type, t.visitor_id, row_number() OVER (ORDER BY t.queued_at, t.id) AS position
        FROM messaging_thread t WHERE t.team_id = team.id AND {WAITING}
        ORDER BY t.queued_at, t.id LIMIT {TOLD}
    ) waiting WHERE waiting.visitor_id IS NOT NULL"""
QUEUES = f"""
    SELECT team.id, team.name, waiting.count, waiting.longest, (
        SELECT count(*) FROM accounts_user_teams m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.team_id = team.id AND {CAN}), {ESTIMATE.format("team.id")}
    FROM accounts_team team CROSS JOIN LATERAL (
        SELECT count(*), coalesce(extract(epoch FROM now() - min(t.queued_at)), 0)::integer AS longest
        FROM messaging_thread t WHERE t.team_id = team.id AND {WAITING}) waiting
    WHERE %s OR team.id = ANY(%s::uuid[])
    UNION ALL
    SELECT NULL, NULL, count(*), coalesce(extract(epoch FROM now() - min(t.queued_at)), 0)::integer, 0, NULL
    FROM messaging_thread t WHERE t.team_id IS NULL AND {WAITING} AND %s
    HAVING count(*) > 0
    ORDER BY 2 NULLS LAST"""


class Place(NamedTuple):
    """Where a visitor waits."""

    thread_id: UUID
    type: str
    visitor_id: UUID
    position: int
    estimate: int | None


def anything_waits() -> bool:
    """Whether any conversation waits for an agent: mostly none does, and nothing more needs to be asked."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM messaging_thread t WHERE {WAITING})")
        return cursor.fetchone()[0]


def place_and_estimate(thread: Thread) -> tuple[int, int | None]:
    """Return the place of a waiting thread in its team's queue, or among those of no team (1 is the next
    one), and in how many seconds an agent may come: as long as the last ones of the team had to wait, None
    where none had to.
    """
    place = thread.queued_at or thread.created_at, thread.pk
    with connection.cursor() as cursor:
        if thread.team_id:
            cursor.execute(PLACE, [thread.team_id, *place, thread.team_id])
        else:
            cursor.execute(PLACE_WITHOUT_TEAM, place)
        row = cursor.fetchone()
    return row[0], row[1]


def first_places() -> list[Place]:
    """Return the first waiting visitors of every team, with their places."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST)
        return [Place(*row) for row in cursor.fetchall()]


def queues(caller: Any) -> list[dict[str, Any]]:
    """Return how the queue of each team stands that a caller sees, and that of no team where one waits."""
    teams: Iterable[UUID] = () if caller.sees_all else caller.team_ids
    with connection.cursor() as cursor:
        cursor.execute(QUEUES, [caller.sees_all, id_array(teams), not caller.limited])
        rows = cursor.fetchall()
    return [
        {
            "team": {"id": team_id, "name": name} if team_id else None,
            "waiting": waiting,
            "longestWaitSeconds": longest,
            "available": available,
            "estimateSeconds": estimate,
        }
        for team_id, name, waiting, longest, available, estimate in rows
    ]
