"""Kept counts of tickets, an index for words of one or two ideographs, and the first response from the thread.

In the database, so that they also hold for bulk updates, raw SQL and COPY.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import tickets.models

# Trigrams need three letters, and most Chinese words have two. Text without ideographs yields NULL at once.
PAIRS = """
CREATE FUNCTION tickets_pairs(title text, content text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(title) + octet_length(content) > char_length(title) + char_length(content) THEN (
        SELECT array_agg(DISTINCT word.part)
        FROM (
            SELECT letter, lead(letter) OVER (ORDER BY place) AS following
            FROM unnest(string_to_array(lower(title || ' ' || content), NULL)) WITH ORDINALITY AS letters(letter, place)
        ) AS couples, LATERAL (VALUES (letter), (letter || following)) AS word(part)
        WHERE word.part COLLATE "C" ~ '[\\u2E80-\\uFFEF\\U00020000-\\U0003FFFF]'
    ) END
$$;
"""

TRIGGERS = """
ALTER TABLE tickets_ticketcount SET (fillfactor = 30, autovacuum_vacuum_threshold = 200,
                                     autovacuum_vacuum_scale_factor = 0);

CREATE FUNCTION tickets_count(of_team uuid, of_assignee uuid, change bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_ticketcount SET amount = amount + change WHERE id = (
        SELECT id FROM tickets_ticketcount WHERE assignee = of_assignee AND team = of_team
        LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO tickets_ticketcount (team, assignee, amount) VALUES (of_team, of_assignee, change);
    END IF;
END $$;

CREATE FUNCTION tickets_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM tickets_count(team, person, amount) FROM (
            SELECT coalesce(team_id, nobody) AS team, person, count(*) AS amount
            FROM added, LATERAL (VALUES (nobody), (assignee_id)) AS people(person)
            WHERE deleted_at IS NULL AND person IS NOT NULL GROUP BY 1, 2) AS changes;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM tickets_count(team, person, -amount) FROM (
            SELECT coalesce(team_id, nobody) AS team, person, count(*) AS amount
            FROM removed, LATERAL (VALUES (nobody), (assignee_id)) AS people(person)
            WHERE deleted_at IS NULL AND person IS NOT NULL GROUP BY 1, 2) AS changes;
    ELSIF TG_OP = 'UPDATE' THEN
        PERFORM tickets_count(team, person, amount) FROM (
            SELECT coalesce(team_id, nobody) AS team, person, sum(change)::bigint AS amount
            FROM (
                SELECT team_id, assignee_id, 1 AS change FROM added WHERE deleted_at IS NULL
                UNION ALL
                SELECT team_id, assignee_id, -1 FROM removed WHERE deleted_at IS NULL
            ) AS rows, LATERAL (VALUES (nobody), (assignee_id)) AS people(person)
            WHERE person IS NOT NULL GROUP BY 1, 2 HAVING sum(change) <> 0) AS changes;
    ELSE
        DELETE FROM tickets_ticketcount;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_counted_insert AFTER INSERT ON tickets_ticket REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_counted();
CREATE TRIGGER tickets_counted_update AFTER UPDATE ON tickets_ticket
    REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tickets_counted();
CREATE TRIGGER tickets_counted_delete AFTER DELETE ON tickets_ticket REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_counted();
CREATE TRIGGER tickets_counted_truncate AFTER TRUNCATE ON tickets_ticket
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_counted();

-- For rows that were loaded with triggers off. Writers wait meanwhile.
CREATE FUNCTION tickets_recount() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOCK TABLE tickets_ticket IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM tickets_ticketcount;
    INSERT INTO tickets_ticketcount (team, assignee, amount)
    SELECT coalesce(team_id, nobody), person, count(*)
    FROM tickets_ticket, LATERAL (VALUES (nobody), (assignee_id)) AS people(person)
    WHERE deleted_at IS NULL AND person IS NOT NULL GROUP BY 1, 2;
END $$;
SELECT tickets_recount();

CREATE FUNCTION tickets_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tickets_ticket SET first_response_at = NEW.first_response_at, version = version + 1
    WHERE thread_id = NEW.id AND first_response_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER tickets_answered AFTER UPDATE OF first_response_at ON messaging_thread FOR EACH ROW
    WHEN (NEW.type = 'TICKET' AND OLD.first_response_at IS NULL AND NEW.first_response_at IS NOT NULL)
    EXECUTE FUNCTION tickets_answered();
"""

UNDO = """
DROP TRIGGER tickets_answered ON messaging_thread;
DROP TRIGGER tickets_counted_truncate ON tickets_ticket;
DROP TRIGGER tickets_counted_delete ON tickets_ticket;
DROP TRIGGER tickets_counted_update ON tickets_ticket;
DROP TRIGGER tickets_counted_insert ON tickets_ticket;
DROP FUNCTION tickets_answered();
DROP FUNCTION tickets_recount();
DROP FUNCTION tickets_counted();
DROP FUNCTION tickets_count(uuid, uuid, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial"), ("messaging", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="TicketCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("team", models.UUIDField()),
                ("assignee", models.UUIDField()),
                ("amount", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["assignee", "team"], name="tickets_count_of")]},
        ),
        migrations.RunSQL(PAIRS, "DROP FUNCTION tickets_pairs(text, text)"),
        migrations.AddIndex(
            model_name="ticket",
            index=django.contrib.postgres.indexes.GinIndex(
                tickets.models.Pairs("title", "content"), name="tickets_short_words"
            ),
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
