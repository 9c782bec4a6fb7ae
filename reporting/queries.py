"""Every read of figures: one statement over the roll-ups, never over the tables themselves."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from accounts import roles
from api.errors import Problem
from reporting import definitions
from reporting.definitions import COUNT, DEFINITIONS
from reporting.models import NOBODY, NOW
from reporting.periods import Period

ROWS = 20_000  # of one answer at most

# (who, bucket, figure) → (amount, milliseconds); bucket 0 is now.
Sums = dict[tuple[UUID | None, int], dict[int, tuple[int, int]]]

SUMS = """
    SELECT {who}, width_bucket(at, %(bounds)s::timestamptz[]), figure,
           sum(amount)::bigint, sum(milliseconds)::bigint
    FROM {table}
    WHERE figure = ANY(%(figures)s::smallint[]) AND at >= %(start)s AND at < %(end)s AND {visible}
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT {who}, 0, figure, sum(amount)::bigint, 0
    FROM {table} WHERE figure = ANY(%(now)s::smallint[]) AND at = %(epoch)s AND {visible}
    GROUP BY 1, 3"""
AVAILABLE = """
    UNION ALL
    SELECT NULL, 0, 0, count(*), 0 FROM accounts_user u WHERE u.is_active AND u.status = 'AVAILABLE'"""
OF_TEAMS = """ AND EXISTS (
    SELECT FROM accounts_user_teams m WHERE m.user_id = u.id AND m.team_id = ANY(%(teams)s::uuid[]))"""


def overview(caller: Any, period: Period) -> dict[str, Any]:
    """Return every figure with its definition; with a grain, also its series. One SQL statement."""
    available = AVAILABLE + (OF_TEAMS if caller.limited else "")
    sums = _sums(caller, period, list(DEFINITIONS), table="team", who="NULL::uuid", more=available)
    answer = {
        name: _carried(name, _value(name, sums, None, range(len(period.bounds) + 1))) for name in DEFINITIONS
    }
    if period.grain:
        for name, definition in DEFINITIONS.items():
            if not definition.now:
                answer[name]["series"] = [
                    {"date": label, "value": _value(name, sums, None, [bucket])}
                    for bucket, label in enumerate(period.labels, 1)
                ]
    available_now = sums[None, 0].get(0, (0, 0))[0]
    answer[definitions.AGENTS_AVAILABLE] = {
        "value": available_now,
        "unit": definitions.AVAILABLE.unit,
        "definition": definitions.AVAILABLE.meaning,
    }
    return {
        "from": period.start,
        "to": period.end,
        "timezone": period.zone.key,
        "figures": answer,
    }


def series(caller: Any, period: Period, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return one row of figures per bucket, empty buckets included. One SQL statement."""
    names = list(names)
    sums = _sums(caller, period, names, table="team", who="NULL::uuid")
    return [
        {"date": label} | {name: _value(name, sums, None, [bucket]) for name in names}
        for bucket, label in enumerate(period.labels, 1)
    ]


def agents(caller: Any, period: Period) -> list[dict[str, Any]]:
    """Return one row per person: all for supervisors and admins, an agent's own. Two SQL statements."""
    people = _fetch(PEOPLE + _people_shown(caller) + " ORDER BY u.username", _parameters(caller))
    rows = [
        (
            person_id,
            {"id": person_id, "uid": person_id, "username": username, "nickname": nickname, "avatar": avatar}
            | {"status": status, "active": active},
        )
        for person_id, username, nickname, avatar, status, active in people
    ]
    who = {} if roles.sees_everything(caller.user.role) else {"agent": caller.user_id}
    sums = _sums(caller, period, definitions.OF_AN_AGENT, table="agent", who="agent_id", parameters=who)
    return _rows(rows, sums, period, definitions.OF_AN_AGENT)


def teams(caller: Any, period: Period) -> list[dict[str, Any]]:
    """Return one row per team the caller may see, and one for work of no team. Two SQL statements."""
    shown = "TRUE" if caller.sees_all else "id = ANY(%(teams)s::uuid[])"
    found = _fetch(f"SELECT id, name FROM accounts_team WHERE {shown} ORDER BY name", _parameters(caller))
    rows = [(team_id, {"id": team_id, "name": name}) for team_id, name in found]
    if not caller.limited:
        rows.append((NOBODY, {"id": None, "name": None}))
    sums = _sums(caller, period, definitions.OF_A_TEAM, table="team", who="team_id")
    return _rows(rows, sums, period, definitions.OF_A_TEAM)


PEOPLE = "SELECT u.id, u.username, u.nickname, u.avatar, u.status, u.is_active FROM accounts_user u WHERE "


def _people_shown(caller: Any) -> str:
    if not roles.sees_everything(caller.user.role):
        return "u.id = %(me)s"
    return "TRUE" + (OF_TEAMS if caller.limited else "")


def _rows(
    who: list[tuple[UUID, dict]], sums: Sums, period: Period, names: Iterable[str]
) -> list[dict[str, Any]]:
    if period.grain is None:
        whole = range(len(period.bounds) + 1)
        return [about | {name: _value(name, sums, key, whole) for name in names} for key, about in who]
    if len(who) * len(period.labels) > ROWS:
        raise Problem(
            "invalid_parameter", f"More than {ROWS} rows: take a coarser groupBy.", parameter="groupBy"
        )
    names = [name for name in names if not DEFINITIONS[name].now]
    return [
        about | {"date": label} | {name: _value(name, sums, key, [bucket]) for name in names}
        for key, about in who
        for bucket, label in enumerate(period.labels, 1)
    ]


def _sums(
    caller: Any,
    period: Period,
    names: Iterable[str],
    *,
    table: str,
    who: str,
    more: str = "",
    parameters: dict[str, Any] | None = None,
) -> Sums:
    """Add the roll-ups up. A caller sees its teams' work and, unless a token limits it, that of no team."""
    wanted = [DEFINITIONS[name] for name in names]
    visible = "TRUE" if caller.sees_all else "team_id = ANY(%(teams)s::uuid[])"
    if parameters:
        # The own row is whole, also where somebody was lent to another team.
        visible = "agent_id = %(agent)s" + (f" AND {visible}" if caller.limited else "")
    given = _parameters(caller) | {
        "bounds": period.bounds,
        "start": period.start,
        "end": period.end,
        "epoch": NOW,
        "figures": sorted(
            {int(each) for definition in wanted if not definition.now for each in definition.figures}
        ),
        "now": sorted({int(each) for definition in wanted if definition.now for each in definition.figures}),
    }
    sums: Sums = defaultdict(dict)
    rows = f"reporting_{table}figure" if period.on_full_hours else f"reporting_{table}quarter"
    statement = SUMS.format(who=who, table=rows, visible=visible) + more
    for key, bucket, figure, amount, milliseconds in _fetch(statement, given | (parameters or {})):
        sums[key, bucket][figure] = (amount, milliseconds)
    return sums


def _parameters(caller: Any) -> dict[str, Any]:
    return {"teams": [*caller.team_ids, *([] if caller.limited else [NOBODY])], "me": caller.user_id}


def _fetch(statement: str, parameters: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _value(name: str, sums: Sums, key: Any, buckets: Iterable[int]) -> int | float | None:
    """Return a figure of some buckets: the sum, or the mean in seconds, None where nothing happened."""
    definition = DEFINITIONS[name]
    amount = milliseconds = 0
    for bucket in buckets:
        found = sums.get((key, bucket))
        if found:
            for figure in definition.figures:
                pair = found.get(figure, (0, 0))
                amount += pair[0]
                milliseconds += pair[1]
    if definition.unit == COUNT:
        return amount
    return round(milliseconds / amount / 1000, 3) if amount else None


def _carried(name: str, value: float | None) -> dict[str, Any]:
    definition = DEFINITIONS[name]
    return {"value": value, "unit": definition.unit, "definition": definition.meaning}
