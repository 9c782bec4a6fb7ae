"""Loads the desk: visitors, threads and tickets by INSERT … SELECT, as many as asked for."""

import psycopg

# What a desk has once, whatever its size: colleagues, a team that the token's user is in, the people who ask.
PEOPLE = """
INSERT INTO accounts_user (id, username, password, email, nickname, avatar, role, status, language, timezone,
                           is_active)
SELECT uuidv7(), 'agent' || n, '!', 'agent' || n || '@example.com', 'Agent ' || n, '/media/a' || n || '.png',
       'agent', 'OFFLINE', 'en', 'UTC', true
FROM generate_series(1, 20) n;
INSERT INTO accounts_team (id, name, description) VALUES (uuidv7(), 'Support', 'First line');
INSERT INTO accounts_user_teams (user_id, team_id)
SELECT u.id, t.id FROM accounts_user u, accounts_team t WHERE u.username = 'bench';
INSERT INTO messaging_visitor (id, external_id, nickname, email, avatar)
SELECT uuidv7(), 'customer-' || n, 'Customer ' || n, 'customer' || n || '@example.com', ''
FROM generate_series(1, 1000) n;
"""

# One ticket a minute, the newest the newest number. Half of them without a team, a tenth without an assignee.
# Ids come from the number, so that a ticket and its thread meet without a join.
TICKETS = """
CREATE TEMPORARY TABLE loaded AS
SELECT n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
       ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid AS thread_id,
       timestamptz '2024-01-01 00:00Z' + n * interval '1 minute' AS at,
       visitors.ids[1 + n %% 1000] AS visitor_id,
       CASE WHEN n %% 10 > 0 THEN users.ids[1 + n %% cardinality(users.ids)] END AS user_id,
       CASE WHEN n %% 2 = 0 THEN (SELECT id FROM accounts_team LIMIT 1) END AS team_id
FROM generate_series(%(first)s, %(last)s) n,
     (SELECT array_agg(id ORDER BY external_id) AS ids FROM messaging_visitor) visitors,
     (SELECT array_agg(id ORDER BY username) AS ids FROM accounts_user) users;

INSERT INTO messaging_thread (id, type, state, topic, visitor_id, agent_id, team_id, last_seq, last_content,
                              created_at, updated_at)
SELECT thread_id, 'TICKET', 'open', 'Ticket ' || n, visitor_id, user_id, team_id, 0, '', at, at FROM loaded;

INSERT INTO tickets_ticket (id, number, title, content, status, priority, type, tags, requester_id,
                            assignee_id, team_id, thread_id, created_by_id, custom_fields, due_at, created_at,
                            updated_at, version)
SELECT id, n, 'Order ' || n || ' has not arrived', 'The parcel of order ' || n || ' was announced for Monday '
       || 'and is still not here. Please say where it is, and when it will come.',
       (ARRAY['open', 'pending', 'on_hold', 'resolved', 'closed'])[1 + n %% 5], 1 + n %% 4, 'question',
       (ARRAY['delivery', 'parcel', 'vip'])[1:n %% 4], visitor_id, user_id, team_id, thread_id, user_id,
       '{"channel": "web"}', at + interval '2 days', at, at + interval '1 hour', 1
FROM loaded;
SELECT setval('tickets_number', %(last)s);
DROP TABLE loaded;
"""

# Indexes that no constraint owns are dropped before loading and built again after it.
FREE_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid IN ('tickets_ticket'::regclass, 'messaging_thread'::regclass)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""

# Counters kept by statement are kept here too; what PostgreSQL or the product does row by row is left out.
STATEMENT_TRIGGERS = """
SELECT quote_ident(tgname) FROM pg_trigger
WHERE tgrelid = 'tickets_ticket'::regclass AND NOT tgisinternal AND tgtype & 1 = 0
"""


def load(connection: psycopg.Connection, present: int, wanted: int) -> None:
    """Bring a desk from `present` to `wanted` tickets, and its statistics and visibility map up to date."""
    connection.execute("SET maintenance_work_mem = '1GB'")
    connection.execute("SET synchronous_commit = off")
    connection.execute("SET session_replication_role = replica")  # no checks: the rows fit by themselves
    if not present:
        connection.execute(PEOPLE)
    with connection.transaction(), psycopg.ClientCursor(connection) as cursor:
        indexes = cursor.execute(FREE_INDEXES).fetchall()
        kept = [name for (name,) in cursor.execute(STATEMENT_TRIGGERS)]
        for name in kept:
            cursor.execute(f"ALTER TABLE tickets_ticket ENABLE ALWAYS TRIGGER {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(TICKETS, {"first": present + 1, "last": wanted})
        for _, definition in indexes:
            if " USING gin " not in definition:  # search is not measured
                cursor.execute(definition)
        for name in kept:
            cursor.execute(f"ALTER TABLE tickets_ticket ENABLE TRIGGER {name}")
    connection.execute("VACUUM (ANALYZE)")
