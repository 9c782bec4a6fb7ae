"""Tickets by the thousand, straight into the table, for tests of lists."""

from typing import Any

from django.db import connection

LOAD = """
    INSERT INTO tickets_ticket (id, number, title, content, status, priority, type, tags, assignee_id,
                                team_id, custom_fields, created_at, updated_at, version)
    SELECT gen_random_uuid(), nextval('tickets_number'), 'Order ' || n || ' has not arrived',
           'The parcel was announced for Monday. 订单' || n || '还没有到',
           (ARRAY['open', 'pending', 'on_hold', 'resolved', 'closed'])[1 + n %% 5], 1 + n %% 4, '',
           (ARRAY['delivery', 'vip'])[1:n %% 3],
           (%(users)s::uuid[])[1 + n %% cardinality(%(users)s::uuid[])],
           (%(teams)s::uuid[])[1 + n %% cardinality(%(teams)s::uuid[])], '{}',
           now() - (n / 3) * interval '1 minute', now() - n * interval '30 seconds', 1
    FROM generate_series(1, %(count)s) n"""


def load(count: int, *, users: list[Any] | None = None, teams: list[Any] | None = None) -> None:
    """Insert `count` tickets, three in each minute, dealt to users and teams (None among them: nobody)."""
    given = {
        "count": count,
        "users": [user and user.pk for user in users or [None]],
        "teams": [team and team.pk for team in teams or [None]],
    }
    with connection.cursor() as cursor:
        cursor.execute(LOAD, given)
