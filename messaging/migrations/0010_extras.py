"""Tags, summary, mentions and delivered marks; and what searches need: words of conversations beside their rows,
and an index for words of one or two ideographs.

In the database, so that it also holds for bulk updates, raw SQL and COPY.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import messaging.models.messages
import messaging.models.visitors
from django.conf import settings
from django.db import migrations, models


# As tickets_pairs: trigrams need three letters, and most Chinese words have two. Text without ideographs yields NULL.
PAIRS = """
CREATE FUNCTION messaging_pairs(one text, other text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(one) + octet_length(other) > char_length(one) + char_length(other) THEN (
        SELECT array_agg(DISTINCT word.part)
        FROM (
            SELECT letter, lead(letter) OVER (ORDER BY place) AS following
            FROM unnest(string_to_array(lower(one || ' ' || other), NULL)) WITH ORDINALITY AS letters(letter, place)
        ) AS couples, LATERAL (VALUES (letter), (letter || following)) AS word(part)
        WHERE word.part COLLATE "C" ~ '[\\u2E80-\\uFFEF\\U00020000-\\U0003FFFF]'
    ) END
$$;
"""

# Each trigger writes its own column, so that a new topic and a new nickname at the same moment both stay.
WORDS = """
CREATE FUNCTION messaging_words_of_thread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.visitor_id IS NOT DISTINCT FROM OLD.visitor_id THEN
        UPDATE messaging_threadwords SET topic = NEW.topic WHERE thread_id = NEW.id;
    ELSE
        INSERT INTO messaging_threadwords (thread_id, topic, visitor)
        VALUES (NEW.id, NEW.topic, coalesce(
            (SELECT nickname || ' ' || email FROM messaging_visitor WHERE id = NEW.visitor_id), ''))
        ON CONFLICT (thread_id) DO UPDATE SET topic = excluded.topic, visitor = excluded.visitor;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER messaging_words_new AFTER INSERT ON messaging_thread FOR EACH ROW
    WHEN (NEW.type <> 'TICKET') EXECUTE FUNCTION messaging_words_of_thread();
CREATE TRIGGER messaging_words_changed AFTER UPDATE OF topic, visitor_id ON messaging_thread FOR EACH ROW
    WHEN (NEW.type <> 'TICKET' AND (NEW.topic <> OLD.topic OR NEW.visitor_id IS DISTINCT FROM OLD.visitor_id))
    EXECUTE FUNCTION messaging_words_of_thread();

CREATE FUNCTION messaging_words_of_visitor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE messaging_threadwords SET visitor = NEW.nickname || ' ' || NEW.email
    FROM messaging_thread WHERE visitor_id = NEW.id AND thread_id = messaging_thread.id;
    RETURN NULL;
END $$;
CREATE TRIGGER messaging_words_renamed AFTER UPDATE OF nickname, email ON messaging_visitor FOR EACH ROW
    WHEN (NEW.nickname <> OLD.nickname OR NEW.email <> OLD.email) EXECUTE FUNCTION messaging_words_of_visitor();

INSERT INTO messaging_threadwords (thread_id, topic, visitor)
SELECT thread.id, topic, coalesce(nickname || ' ' || email, '')
FROM messaging_thread thread LEFT JOIN messaging_visitor visitor ON visitor.id = visitor_id
WHERE type <> 'TICKET';
"""

UNDO = """
DROP TRIGGER messaging_words_renamed ON messaging_visitor;
DROP TRIGGER messaging_words_changed ON messaging_thread;
DROP TRIGGER messaging_words_new ON messaging_thread;
DROP FUNCTION messaging_words_of_visitor();
DROP FUNCTION messaging_words_of_thread();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('messaging', '0009_robots'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(PAIRS, "DROP FUNCTION messaging_pairs(text, text)"),
        migrations.CreateModel(
            name='ThreadWords',
            fields=[
                ('thread', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='messaging.thread')),
                ('topic', models.TextField()),
                ('visitor', models.TextField()),
            ],
        ),
        migrations.AddField(
            model_name='message',
            name='mentions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='thread',
            name='summary',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='thread',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='thread',
            name='visitor_delivered_seq',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name='message',
            index=django.contrib.postgres.indexes.GinIndex(messaging.models.visitors.Pairs('content', models.Value('')), condition=models.Q(django.db.models.lookups.GreaterThan(messaging.models.messages.OctetLength('content'), django.db.models.functions.text.Length('content'))), name='messaging_message_short_words'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('mentions', []), _negated=True), fields=['mentions'], name='messaging_message_mentions'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('tags', []), _negated=True), fields=['tags'], name='messaging_thread_tags'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(condition=models.Q(('tags', []), _negated=True), fields=['updated_at', 'id'], name='messaging_thread_tagged'),
        ),
        migrations.AddIndex(
            model_name='visitor',
            index=django.contrib.postgres.indexes.GinIndex(messaging.models.visitors.Pairs('nickname', 'email'), name='messaging_visitor_short_words'),
        ),
        migrations.AddIndex(
            model_name='visitor',
            index=models.Index(condition=models.Q(('blocked_at__isnull', False)), fields=['created_at', 'id'], name='messaging_visitor_blocked'),
        ),
        migrations.AddIndex(
            model_name='threadwords',
            index=django.contrib.postgres.indexes.GinIndex(fields=['topic', 'visitor'], name='messaging_thread_search', opclasses=['gin_trgm_ops', 'gin_trgm_ops']),
        ),
        migrations.AddIndex(
            model_name='threadwords',
            index=django.contrib.postgres.indexes.GinIndex(messaging.models.visitors.Pairs('topic', 'visitor'), name='messaging_thread_short_words'),
        ),
        migrations.RunSQL(WORDS, UNDO),
    ]
