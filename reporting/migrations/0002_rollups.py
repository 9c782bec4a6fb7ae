"""The triggers that keep the roll-ups, and the view that says the truth they must equal.

In the database, so that they also hold for QuerySet.update(), bulk writes and raw SQL. `reporting_<kind>_facts` says,
once, what a row counts for; triggers add the facts of new rows and take away those of old ones, and the view
`reporting_facts` reads them from the tables as they are.
"""

from django.db import migrations

FACTS = """
ALTER TABLE reporting_teamfigure SET (fillfactor = 70);
ALTER TABLE reporting_agentfigure SET (fillfactor = 70);

CREATE FUNCTION reporting_quarter(moment timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_bin('15 minutes', moment, '1970-01-01 00:00Z');

CREATE FUNCTION reporting_took(beginning timestamptz, ending timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN greatest(0, (extract(epoch FROM ending - beginning) * 1000)::bigint);

-- A ticket in the bin counts as deleted and as nothing else, so that a figure equals the list it is about.
CREATE FUNCTION reporting_ticket_facts(status varchar, created_at timestamptz, first_response_at timestamptz,
    resolved_at timestamptz, closed_at timestamptz, deleted_at timestamptz)
RETURNS TABLE (figure smallint, at timestamptz, milliseconds bigint) LANGUAGE sql IMMUTABLE ROWS 3 AS $$
    SELECT f.figure::smallint, reporting_quarter(f.at), f.milliseconds
    FROM (VALUES (1, $2, 0::bigint), (2, $4, 0), (3, $5, 0), (5, $3, reporting_took($2, $3)),
                 (6, CASE WHEN $1 IN ('open', 'pending', 'on_hold') THEN timestamptz '1970-01-01 00:00Z' END, 0)
         ) f (figure, at, milliseconds)
    WHERE f.at IS NOT NULL AND $6 IS NULL
    UNION ALL
    SELECT 4::smallint, reporting_quarter($6), 0 WHERE $6 IS NOT NULL
$$;

-- Conversations with visitors; those of tickets and of colleagues are no threads in the statistics.
CREATE FUNCTION reporting_thread_facts(type varchar, state varchar, created_at timestamptz, first_visitor_at timestamptz,
    first_response_at timestamptz, closed_at timestamptz)
RETURNS TABLE (figure smallint, at timestamptz, milliseconds bigint) LANGUAGE sql IMMUTABLE ROWS 3 AS $$
    SELECT f.figure::smallint, reporting_quarter(f.at), f.milliseconds
    FROM (VALUES (11, $3, 0::bigint), (12, $6, 0),
                 (13, CASE WHEN $4 IS NOT NULL THEN $5 END, reporting_took($4, $5)),
                 (CASE $2 WHEN 'open' THEN 14 WHEN 'queued' THEN 15 END,
                  CASE WHEN $2 IN ('open', 'queued') THEN timestamptz '1970-01-01 00:00Z' END, 0)
         ) f (figure, at, milliseconds)
    WHERE f.at IS NOT NULL AND $1 IN ('AGENT', 'WORKGROUP', 'ROBOT')
$$;

-- Public messages to and from visitors, in chats and tickets.
CREATE FUNCTION reporting_message_facts(type varchar, visibility varchar, visitor_id uuid, created_at timestamptz,
    thread_type varchar)
RETURNS TABLE (figure smallint, at timestamptz, milliseconds bigint) LANGUAGE sql IMMUTABLE ROWS 1 AS $$
    SELECT (CASE WHEN $3 IS NULL THEN 21 ELSE 22 END)::smallint, reporting_quarter($4), 0::bigint
    WHERE $1 <> 'system' AND $2 = 'public' AND $5 NOT IN ('MEMBER', 'GROUP')
$$;

-- A transaction owns the slots it writes, so none ever waits for another's roll-up, or deadlocks over it.
CREATE FUNCTION reporting_slot() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    FOR slot IN 0..15 LOOP
        IF pg_try_advisory_xact_lock(1229868097, slot) THEN
            RETURN slot;
        END IF;
    END LOOP;
    RETURN 16 + pg_backend_pid();
END $$;
"""

TICKETS = """
    SELECT f.*, COALESCE(r.team_id, '{nobody}'::uuid) AS team_id, r.assignee_id AS agent_id, {sign}1 AS amount
    FROM {rows} r CROSS JOIN LATERAL reporting_ticket_facts(
        r.status, r.created_at, r.first_response_at, r.resolved_at, r.closed_at, r.deleted_at) f"""
THREADS = """
    SELECT f.*, COALESCE(r.team_id, '{nobody}'::uuid) AS team_id, r.agent_id, {sign}1 AS amount
    FROM {rows} r CROSS JOIN LATERAL reporting_thread_facts(
        r.type, r.state, r.created_at, r.first_visitor_at, r.first_response_at, r.closed_at) f"""
MESSAGES = """
    SELECT f.*, COALESCE(t.team_id, '{nobody}'::uuid) AS team_id, CASE WHEN r.visitor_id IS NULL THEN r.user_id END AS agent_id,
           {sign}1 AS amount
    FROM {rows} r JOIN {threads} t ON t.id = r.thread_id CROSS JOIN LATERAL reporting_message_facts(
        r.type, r.visibility, r.visitor_id, r.created_at, t.type) f"""
# When a thread changes team or type, its messages go with it.
CHANGED_THREADS = """(SELECT r.id, r.team_id, r.type FROM {rows} r JOIN {others} o USING (id)
                      WHERE (r.team_id, r.type) IS DISTINCT FROM (o.team_id, o.type))"""

QUARTERS = ("00", "15", "30", "45")
CELLS = [f"{column}_{quarter}" for column in ("amount", "milliseconds") for quarter in QUARTERS]
SUMS = [
    f"COALESCE(sum({value}) FILTER (WHERE minute = {quarter}), 0)"
    for value in ("amount", "milliseconds * amount")
    for quarter in QUARTERS
]


def adding(table: str, keys: str, facts: str, slot: str, where: str = "") -> str:
    """Return the INSERT that adds facts up by hour; what cancels out writes nothing."""
    sums = ", ".join(SUMS)
    return f"""
        INSERT INTO {table} AS kept (figure, at, {keys}, slot, {", ".join(CELLS)})
        SELECT figure, hour, {keys}, {slot}, {sums}
        FROM (SELECT *, date_trunc('hour', at, 'UTC') AS hour,
                     extract(minute FROM at AT TIME ZONE 'UTC')::integer AS minute FROM {facts} {where}) by_quarter
        GROUP BY figure, hour, {keys} HAVING ({sums}) <> (0, 0, 0, 0, 0, 0, 0, 0)"""


def upserting(table: str, keys: str, where: str = "") -> str:
    more = ", ".join(f"{cell} = kept.{cell} + EXCLUDED.{cell}" for cell in CELLS)
    conflict = f"ON CONFLICT (figure, at, {keys}, slot) DO UPDATE SET {more}"
    return adding(table, keys, "facts", "own_slot", where) + conflict


ADD = f"""
CREATE FUNCTION reporting_{{table}}_{{event}}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own_slot integer;
BEGIN
    {{leave_early}}
    own_slot := reporting_slot();
    WITH facts AS MATERIALIZED ({{facts}}),
    of_teams AS ({upserting("reporting_teamfigure", "team_id")})
    {upserting("reporting_agentfigure", "agent_id, team_id", "WHERE agent_id IS NOT NULL")};
    RETURN NULL;
END $$;
CREATE TRIGGER reporting_{{event}} AFTER {{event}} ON {{table}} REFERENCING {{transition}} FOR EACH STATEMENT
    EXECUTE FUNCTION reporting_{{table}}_{{event}}();
"""
TRANSITIONS = {
    "insert": "NEW TABLE AS added",
    "update": "OLD TABLE AS removed NEW TABLE AS added",
    "delete": "OLD TABLE AS removed",
}
# Most updates of a row (a new message, a new title) change nothing that counts: those leave at once.
COUNTING = {
    "tickets_ticket": "status, team_id, assignee_id, created_at, first_response_at, resolved_at, closed_at, deleted_at",
    "messaging_thread": "type, state, team_id, agent_id, created_at, first_visitor_at, first_response_at, closed_at",
    "messaging_message": "type, visibility, visitor_id, user_id, created_at, thread_id",
}
NOBODY = "00000000-0000-0000-0000-000000000000"


def triggers(table: str, facts: str) -> str:
    made = []
    for event, transition in TRANSITIONS.items():
        parts = []
        for rows, others, sign in (("added", "removed", ""), ("removed", "added", "-")):
            if rows not in transition:
                continue
            known = {"rows": rows, "nobody": NOBODY, "sign": sign}
            parts.append(facts.format(**known, threads="messaging_thread"))
            if table == "messaging_thread" and event == "update":
                threads = CHANGED_THREADS.format(rows=rows, others=others)
                parts.append(MESSAGES.format(**known | {"rows": "messaging_message"}, threads=threads))
        leave_early = ""
        if event == "update":
            columns = COUNTING[table].split(", ")
            old = ", ".join(f"o.{column}" for column in columns)
            new = ", ".join(f"n.{column}" for column in columns)
            leave_early = f"""IF NOT EXISTS (SELECT FROM added n LEFT JOIN removed o USING (id)
                      WHERE o.id IS NULL OR ({old}) IS DISTINCT FROM ({new})) THEN
        RETURN NULL;
    END IF;"""
        made.append(
            ADD.format(
                table=table,
                event=event,
                transition=transition,
                facts=" UNION ALL ".join(parts),
                leave_early=leave_early,
            )
        )
    return "".join(made)


SOURCES = {"tickets_ticket": TICKETS, "messaging_thread": THREADS, "messaging_message": MESSAGES}
VIEWS = "CREATE VIEW reporting_facts AS" + " UNION ALL ".join(
    facts.format(rows=table, threads="messaging_thread", nobody=NOBODY, sign="") for table, facts in SOURCES.items()
)
for table, keys in (("team", "team_id"), ("agent", "agent_id, team_id")):
    cells = ", ".join(f"({quarter}, amount_{quarter}, milliseconds_{quarter})" for quarter in QUARTERS)
    VIEWS += f""";
CREATE VIEW reporting_{table}quarter AS
    SELECT k.figure, k.at + q.minute * interval '1 minute' AS at, {keys}, q.amount, q.milliseconds
    FROM reporting_{table}figure k CROSS JOIN LATERAL (VALUES {cells}) q (minute, amount, milliseconds)
    WHERE q.amount <> 0 OR q.milliseconds <> 0"""

# Makes the roll-ups anew; the caller keeps writers away.
FILL = f"""
CREATE FUNCTION reporting_fill() RETURNS void LANGUAGE sql AS $$
    DELETE FROM reporting_teamfigure;
    DELETE FROM reporting_agentfigure;
    {adding("reporting_teamfigure", "team_id", "reporting_facts", "0")};
    {adding("reporting_agentfigure", "agent_id, team_id", "reporting_facts", "0", "WHERE agent_id IS NOT NULL")}
$$;
SELECT reporting_fill();
"""
UNDO = (
    "DROP FUNCTION reporting_fill; DROP VIEW reporting_teamquarter, reporting_agentquarter, reporting_facts;"
    + "".join(
        f"DROP TRIGGER reporting_{event} ON {table}; DROP FUNCTION reporting_{table}_{event}();"
        for table in SOURCES
        for event in TRANSITIONS
    )
    + "".join(
        f"DROP FUNCTION reporting_{name};"
        for name in ("slot", "message_facts", "thread_facts", "ticket_facts", "took", "quarter")
    )
)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial"), ("tickets", "0001_initial"), ("messaging", "0001_initial")]
    operations = [
        migrations.RunSQL(
            FACTS + "".join(triggers(table, facts) for table, facts in SOURCES.items()) + VIEWS + ";" + FILL, UNDO
        )
    ]
