"""Making the roll-ups anew, and proving that they say what the tables say."""

from django.db import connection, transaction

DIFFERENCES = """
    SELECT kind, figure, at, who, team, truth, kept FROM (
        SELECT 'team' AS kind, figure, at, NULL::uuid AS who, team_id AS team,
               ARRAY[sum(t_amount), sum(t_milliseconds)]::bigint[] AS truth,
               ARRAY[sum(k_amount), sum(k_milliseconds)]::bigint[] AS kept
        FROM (SELECT figure, at, team_id, amount AS t_amount, milliseconds AS t_milliseconds,
                     0 AS k_amount, 0 AS k_milliseconds FROM reporting_facts
              UNION ALL SELECT figure, at, team_id, 0, 0, amount, milliseconds
              FROM reporting_teamquarter) both_sides
        GROUP BY 2, 3, 5
        UNION ALL
        SELECT 'agent', figure, at, agent_id, team_id,
               ARRAY[sum(t_amount), sum(t_milliseconds)]::bigint[],
               ARRAY[sum(k_amount), sum(k_milliseconds)]::bigint[]
        FROM (SELECT figure, at, agent_id, team_id, amount AS t_amount,
                     milliseconds AS t_milliseconds, 0 AS k_amount, 0 AS k_milliseconds
              FROM reporting_facts WHERE agent_id IS NOT NULL
              UNION ALL SELECT figure, at, agent_id, team_id, 0, 0, amount, milliseconds
              FROM reporting_agentquarter) both_sides
        GROUP BY 2, 3, 4, 5) compared
    WHERE truth <> kept ORDER BY 1, 2, 3 LIMIT 1000"""
LOCK = "LOCK TABLE tickets_ticket, messaging_thread, messaging_message IN SHARE ROW EXCLUSIVE MODE"


def differences() -> list[tuple]:
    """Return where roll-ups and tables differ, 1,000 at most: (kind, figure, at, agent, team, truth, kept).

    One statement, so one snapshot: writers need not stop for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES)
        return cursor.fetchall()


def rebuild_statistics() -> tuple[list[tuple], list[tuple]]:
    """Make the roll-ups anew while writers wait; return the differences before and after (must be none)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK)
        before = differences()
        cursor.execute("SELECT reporting_fill()")
        return before, differences()
