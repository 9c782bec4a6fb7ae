"""That the lists of threads and messages read rows in an index's order, whoever asks."""

import pytest
from django.db import connection

from messaging import queries
from messaging.models import Thread, ThreadParticipant
from tests import factories
from tokens.authentication import token_caller
from tokens.origins import facts_of

pytestmark = pytest.mark.django_db
MANY = 20_000
THREADS = """
    INSERT INTO messaging_thread (id, type, state, topic, last_seq, last_content, agent_id, created_by_id,
                                  team_id, created_at, updated_at)
    SELECT gen_random_uuid(),
           (ARRAY['TICKET', 'WORKGROUP', 'TICKET', 'AGENT', 'MEMBER'])[1 + n %% 5], 'open', '', 2, '', %s, %s,
           CASE WHEN n %% 5 < 4 THEN %s::uuid END, now() - n * interval '1 s', now() - n * interval '1 s'
    FROM generate_series(1, %s) n"""
MESSAGES = """
    INSERT INTO messaging_message (id, thread_id, seq, client_id, type, visibility, content, created_at)
    SELECT gen_random_uuid(), id, seq, '', 'text', 'public', 'Hello', created_at + seq * interval '1 minute'
    FROM messaging_thread, generate_series(1, 2) seq"""


@pytest.fixture
def team(agent):
    """A team with many threads, besides those of two colleagues."""
    team = factories.team()
    with connection.cursor() as cursor:
        cursor.execute(THREADS, [agent.pk, factories.agent().pk, team.pk, MANY])
        cursor.execute(MESSAGES)
        cursor.execute("ANALYZE messaging_thread")
        cursor.execute("ANALYZE messaging_message")
    return team


@pytest.mark.parametrize("role", ["admin", "supervisor", "agent"])
def test_the_newest_come_from_an_index_without_a_sort(team, role):
    caller = token_caller(factories.token(factories.user(role, teams=[team])), facts_of({}, ""))
    visible = queries.visible_to(caller)
    for listed, where, path, index in (
        (queries.THREADS, [*visible, queries.NO_TICKETS], "updated_at", "messaging_chat_page"),
        (queries.THREADS, visible, "updated_at", "messaging_thread_page"),
        (queries.MESSAGES, visible, "created_at", "messaging_message_page"),
    ):
        uncounted = ("SELECT 0", [])  # the count beside the page stops after 10,001 rows
        sql, params = listed.statement(where, path, True, None, 50, caller, uncounted)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql, params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert f"Scan Backward using {index} on" in plan, plan
        rows = plan.partition("SubPlan")[0]  # what follows is done for one row: it sorts the few invited
        assert "Sort" not in rows, plan
        # The tables of people are as good as empty here: how they are joined says nothing.
        assert not any(f"Seq Scan on {table} " in plan for table in ("messaging_thread", "messaging_message"))


def test_what_few_threads_have_is_found_by_an_index_of_it(team, agent):
    guest = factories.agent()
    threads = Thread.objects.exclude(type="TICKET").values_list("pk", flat=True)[:3000]
    ThreadParticipant.objects.bulk_create(ThreadParticipant(thread_id=each, user=guest) for each in threads)
    caller = token_caller(factories.token(agent), facts_of({}, ""))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE messaging_threadparticipant")
    for name, value, index in (
        ("waiting", "true", "messaging_unanswered"),
        ("participant", "me", "messaging_threadparticipant_user_id"),
    ):
        each = queries.THREADS.filters[name]
        narrowed = each.clause(name, queries.THREADS.sql[each.path], value, caller)
        where = [*queries.visible_to(caller), queries.NO_TICKETS, narrowed]
        uncounted = ("SELECT 0", [])
        sql, params = queries.THREADS.statement(where, "updated_at", True, None, 50, caller, uncounted)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql, params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert f"using {index}" in plan or f"Index Scan on {index}" in plan, plan
        assert "Seq Scan on messaging_thread " not in plan, plan
