"""That the lists of threads and messages read rows in an index's order, whoever asks."""

from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from accounts.models import Team, User
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
    SELECT gen_random_uuid(), id, seq, '', 'text', 'public',
           CASE WHEN n % 20 = 0 THEN '订单还没有到' ELSE 'Hello, where is parcel ' || n || '?' END,
           created_at + seq * interval '1 minute'
    FROM (SELECT *, row_number() OVER () AS n FROM messaging_thread) AS threads, generate_series(1, 2) seq"""
WORDS_OF_ALL = """
    INSERT INTO messaging_threadwords (thread_id, topic, visitor)
    SELECT id, 'Order ' || row_number() OVER (), 'Ann' FROM messaging_thread WHERE type <> 'TICKET'"""
# Three rows of each that have what is rare.
RARE = """
    UPDATE messaging_message SET content = 'A zebra, xq 斑马', mentions = ARRAY[%(user)s::uuid]
    WHERE seq = 1 AND thread_id IN (
        SELECT id FROM messaging_thread WHERE type = 'WORKGROUP' ORDER BY created_at LIMIT 3);
    UPDATE messaging_thread SET topic = 'A zebra, xq 斑马', tags = '{rare}'
    WHERE id IN (SELECT id FROM messaging_thread WHERE type = 'WORKGROUP' ORDER BY created_at LIMIT 3);
    INSERT INTO messaging_visitor (id, external_id, nickname, email, avatar, blocked_at)
    SELECT gen_random_uuid(), '', 'Ann ' || n, 'ann' || n || '@example.com', '',
           CASE WHEN n < 4 THEN now() END
    FROM generate_series(1, %(many)s) n;
    UPDATE messaging_visitor SET nickname = 'Zebra xq 斑马' WHERE blocked_at IS NOT NULL"""
TABLES = ("messaging_thread", "messaging_threadwords", "messaging_message", "messaging_visitor")
WORDS = (
    "messaging_thread_search", "messaging_thread_short_words", "messaging_message_search",
    "messaging_message_short_words", "messaging_visitor_search", "messaging_visitor_short_words",
    "messaging_thread_tags", "messaging_message_mentions",
)  # fmt: skip

LONG = """
    INSERT INTO messaging_message (id, thread_id, seq, client_id, type, visibility, content, created_at)
    SELECT gen_random_uuid(), %s, seq, '', 'text', 'public', 'Hello', now()
    FROM generate_series(3, 5000) seq"""


@pytest.fixture(scope="module")
def loaded(rows_of_file) -> SimpleNamespace:
    """A team with many threads, besides those of two colleagues."""
    with rows_of_file():
        agent, team = factories.agent(), factories.team()
        load(agent, team)
    return SimpleNamespace(agent=agent, team=team)


def load(agent: User, team: Team) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE messaging_thread DISABLE TRIGGER messaging_words_new"
        )  # all at once below
        cursor.execute(THREADS, [agent.pk, factories.agent().pk, team.pk, MANY])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE messaging_thread ENABLE TRIGGER messaging_words_new")
        cursor.execute(WORDS_OF_ALL)
        cursor.execute(MESSAGES)
        for statement in RARE.split(";"):
            cursor.execute(statement, {"user": agent.pk, "many": MANY})
        for index in WORDS:
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")


@pytest.fixture
def agent(loaded) -> User:
    return loaded.agent


@pytest.fixture
def team(loaded) -> Team:
    return loaded.team


@pytest.mark.parametrize("ordering", ["seq", "-seq"])
def test_a_page_of_a_long_thread_reads_its_rows_and_no_more(team, ordering):
    thread = Thread.objects.filter(type="WORKGROUP").latest("created_at")
    with connection.cursor() as cursor:
        cursor.execute(LONG, [thread.pk])
        cursor.execute("ANALYZE messaging_message")
    caller = token_caller(factories.token(factories.agent(teams=[team])), facts_of({}, ""))
    where = [*queries.visible_to(caller), ("messaging_message.thread_id = %s", [thread.pk])]
    descending = ordering.startswith("-")
    sql, params = queries.MESSAGES_OF_THREAD.statement(
        where, "seq", descending, None, 10, caller, ("SELECT 0", [])
    )
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + sql, params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    way = " Backward" if descending else ""
    assert f"Index Scan{way} using messaging_seq_once on messaging_message (actual rows=11.00" in plan, plan
    assert "Sort" not in plan.partition("SubPlan")[0], plan


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


@pytest.mark.parametrize("role", ["admin", "agent"])
def test_who_waits_is_read_in_the_order_of_the_queue(team, role):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_thread SET state = 'queued', agent_id = NULL, queued_at = created_at"
            " WHERE type = 'WORKGROUP' AND created_at > now() - interval '1 hour'"
        )
        cursor.execute("ANALYZE messaging_thread")
    caller = token_caller(factories.token(factories.user(role, teams=[team])), facts_of({}, ""))
    narrowed = queries.THREADS.filters["state"].clause(
        "state", '"messaging_thread"."state"', "queued", caller
    )
    where = [*queries.visible_to(caller), queries.NO_TICKETS, narrowed]
    sql, params = queries.THREADS.statement(
        where, queries.THREADS.orderings["queuedAt"], False, None, 50, caller, ("SELECT 0", [])
    )
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql, params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using messaging_queue_of_all" in plan, plan
    assert "Sort" not in plan.partition("SubPlan")[0], plan


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


@pytest.mark.parametrize("text", ["h", "he", "hello", "订", "订单"])
def test_of_what_is_common_only_a_thousand_are_counted(team, admin_api, text):
    """At a million messages counting ten thousand of them took seconds, their page a few milliseconds."""
    page = admin_api.get("messages/list", {"q": text, "limit": 10})
    assert page["X-Total-Count"] == "1000+" and len(page.json()) == 10
    beyond = admin_api.get("messages/list", {"q": text, "limit": 10, "created_before": "2000-01-01"})
    assert beyond["X-Total-Count"] == "0"


def test_what_is_rare_comes_from_its_own_index(team, agent, admin):
    agent.teams.add(team)
    for person in (agent, admin):
        check_rare(token_caller(factories.token(person), facts_of({}, "")), agent)
    caller = token_caller(factories.token(admin), facts_of({}, ""))
    assert queries.tags(caller) == [{"tag": "rare", "count": 3}]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + queries.TAGS.format("TRUE"))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "messaging_thread_tagged" in plan and "Seq Scan" not in plan, plan


def check_rare(caller, agent):
    threads = [*queries.visible_to(caller), queries.NO_TICKETS]
    messages = queries.visible_to(caller)
    for listed, where, name, text, path, index in (
        (queries.THREADS, threads, "q", "zebra", "updated_at", "messaging_thread_search"),
        (queries.THREADS, threads, "q", "斑马", "updated_at", "messaging_thread_short_words"),
        (queries.THREADS, threads, "q", "斑", "updated_at", "messaging_thread_short_words"),
        (queries.THREADS, threads, "tags", "rare", "updated_at", "messaging_thread_tags"),
        (queries.MESSAGES, messages, "q", "zebra", "created_at", "messaging_message_search"),
        (queries.MESSAGES, messages, "q", "斑马", "created_at", "messaging_message_short_words"),
        (queries.MESSAGES, messages, "q", "斑", "created_at", "messaging_message_short_words"),
        (queries.MESSAGES, messages, "mentions", str(agent.pk), "created_at", "messaging_message_mentions"),
        (queries.VISITORS, [], "q", "zebra", "created_at", "messaging_visitor_search"),
        (queries.VISITORS, [], "q", "斑马", "created_at", "messaging_visitor_short_words"),
        (queries.VISITORS, [], "blocked", "true", "created_at", "messaging_visitor_blocked"),
    ):
        each = listed.filters[name]
        narrowed = each.clause(name, listed.sql[each.path], text, caller)
        # With the count beside the page: it asks the same.
        sql, params = listed.statement([*where, narrowed], path, True, None, 50, caller)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql, params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            cursor.execute(sql, params)
            assert len(cursor.fetchall()) == 3, (name, text)
        assert plan.count(f"on {index}") + plan.count(f"using {index}") >= 2, (name, text, plan)
        # The tables of files, robots and people are as good as empty here: how they are joined says nothing.
        assert not any(f"Seq Scan on {table} " in plan for table in TABLES), (name, text, plan)
