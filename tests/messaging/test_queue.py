"""The queue: a visitor's place and how long it may take, and how each team stands."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from messaging import queue_queries, services
from messaging.chat import credentials
from messaging.models import Thread, Visitor
from messaging.services import routing
from messaging.services.positions import Positions
from tests import factories
from tests.messaging.conversations import Browser, as_user, thread, visitor
from tests.messaging.robots import robot
from tests.messaging.test_routing import a_chat, available
from tests.streams import listen

pytestmark = pytest.mark.django_db


def waited(team, *seconds: int) -> None:
    """Let conversations of a team have waited so long for their agent."""
    for number, each in enumerate(seconds):
        done = thread(team=team, type="WORKGROUP", agent=factories.agent())
        at = timezone.now() - timedelta(minutes=number)
        Thread.objects.filter(pk=done.pk).update(waited_seconds=each, assigned_at=at)


@pytest.fixture
def team(db):
    return factories.team("Support")


class TestPlace:
    def test_a_visitor_sees_its_place_and_how_long_the_last_ones_waited(self, team):
        browsers = [Browser(t="1", sid=str(team.pk)) for _ in range(3)]
        for number, each in enumerate(browsers):
            each.open()
            each.say(f"Hello {number}")
        thread(team=factories.team())  # the queue of others does not count
        places = [each.open().json()["thread"]["position"] for each in browsers]
        assert places == [1, 2, 3]
        assert browsers[0].open().json()["thread"]["estimateSeconds"] is None  # nobody knows
        waited(team, 60, 0, 90)  # who got somebody at once says nothing of those who wait
        assert browsers[0].open().json()["thread"]["estimateSeconds"] == 75

    def test_the_last_twenty_count(self, team):
        talk = a_chat(team)
        waited(team, *[10] * queue_queries.LAST, 5000)
        assert queue_queries.place_and_estimate(talk) == (1, 10)

    def test_waiting_is_measured_once_from_the_queue_to_the_first_agent(self, team):
        talk = a_chat(team)
        Thread.objects.filter(pk=talk.pk).update(queued_at=timezone.now() - timedelta(seconds=50))
        agent = available(team)
        routing.sweep()
        talk.refresh_from_db()
        assert talk.waited_seconds in (50, 51)
        Thread.objects.filter(pk=talk.pk).update(waited_seconds=7)
        routing.return_threads(agent.pk)
        talk.refresh_from_db()
        assert (talk.agent, talk.waited_seconds) == (agent, 7)

    def test_what_belongs_to_no_team_has_a_place_too(self, team):
        began_with = robot()
        first, second = (thread(team=None, robot=began_with) for _ in range(2))
        a_chat(team)
        assert [queue_queries.place_and_estimate(each) for each in (first, second)] == [(1, None), (2, None)]


class TestPositions:
    def places(self) -> list[tuple]:
        return [(each.position, each.estimate) for each in queue_queries.first_places()]

    def test_only_what_has_changed_is_told(self, team):
        first, second = a_chat(team), a_chat(team)
        positions = Positions()
        assert (positions.tell(), positions.tell()) == (2, 0)
        services.close_thread(thread_id=first.pk, actor=None)
        assert positions.tell() == 1
        waited(team, 30)
        assert positions.tell() == 1 and self.places() == [(1, 30)]
        assert second.state == "queued"

    @pytest.mark.django_db(transaction=True)
    def test_a_waiting_visitor_hears_that_it_moves_up(self, desk, team):
        first, second = a_chat(team), a_chat(team)

        def work() -> None:
            services.close_thread(thread_id=first.pk, actor=None)

        credential = credentials.issue(second.visitor_id)
        stream = listen(desk.url, credential, work, until=9, seconds=4, path="/api/chat/stream")
        told = [data for name, data in stream.whispers if name == "chat.queue"]
        expected = {"id": str(second.pk), "uid": str(second.pk), "position": 1, "estimateSeconds": None}
        assert told[-1] == expected


class TestQueues:
    def test_how_each_team_stands(self, team):
        for _ in range(2):
            a_chat(team, skills=["klingon"])
        Thread.objects.update(queued_at=timezone.now() - timedelta(seconds=90))
        waited(team, 40)
        available(team), available(team, capacity=0), factories.agent(teams=[team])
        quiet = factories.team("Quiet")
        admin = as_user(factories.admin())
        shown = admin.get("threads/queue").json()
        shown = [each for each in shown if each["team"]["name"] in ("Quiet", "Support")]
        assert [each["team"]["name"] for each in shown] == ["Quiet", "Support"]
        assert shown[0] == {
            "team": {"id": str(quiet.pk), "name": "Quiet"}, "waiting": 0, "longestWaitSeconds": 0,
            "available": 0, "estimateSeconds": None,
        }  # fmt: skip
        assert shown[1] | {"longestWaitSeconds": 0} == {
            "team": {"id": str(team.pk), "name": "Support"}, "waiting": 2, "longestWaitSeconds": 0,
            "available": 1, "estimateSeconds": 40,
        }  # fmt: skip
        assert 90 <= shown[1]["longestWaitSeconds"] < 100

    def test_one_sees_the_teams_whose_work_one_sees(self, team):
        other = factories.team("Other")
        agent = factories.agent(teams=[team, other])

        def seen(api) -> list:
            return [each["team"] and each["team"]["name"] for each in api.get("threads/queue").json()]

        assert seen(as_user(agent)) == ["Other", "Support"]
        Thread.objects.create(type="WORKGROUP", state="queued", visitor=Visitor.objects.create())
        assert seen(as_user(agent)) == ["Other", "Support", None]
        assert seen(as_user(agent, team_ids=[other.pk])) == ["Other"]
        assert seen(as_user(factories.agent())) == [None]
        assert seen(as_user(factories.admin(), team_ids=[team.pk])) == ["Support"]

    def test_it_costs_two_statements_however_many_teams(self, team, django_assert_num_queries):
        for _ in range(3):
            a_chat(factories.team())
        api = as_user(factories.admin())
        with django_assert_num_queries(2):
            assert len(api.get("threads/queue").json()) > 3

    def test_an_unknown_parameter_is_refused(self, api):
        answer = api.get("threads/queue?team=x")
        assert (answer.status_code, answer.json()["parameter"]) == (400, "team")


MANY = """
    INSERT INTO messaging_thread (id, type, state, topic, last_seq, last_content, team_id, visitor_id,
                                  agent_id, created_at, updated_at, queued_at, team_queued_at, assigned_at,
                                  waited_seconds, last_message_at, waiting_since)
    SELECT gen_random_uuid(), (ARRAY['TICKET', 'WORKGROUP'])[1 + n % 2], state, '', 2, '', %s, %s,
           CASE WHEN state = 'closed' OR n % 2 = 0 THEN %s::uuid END, at, at, at, at, at, n % 90, at, NULL
    FROM (SELECT n, now() - n * interval '1 s' AS at,
                 CASE WHEN n % 2 = 0 THEN 'open' WHEN n % 100 = 1 THEN 'queued' ELSE 'closed' END AS state
          FROM generate_series(1, 20000) n) rows"""


def test_each_question_of_routing_reads_an_index(team, agent):
    """Past many threads of tickets and closed conversations: what waits and what is open is little."""
    talk = thread(team=team)
    with connection.cursor() as cursor:
        cursor.execute(MANY.replace("n % ", "n %% "), [team.pk, visitor().pk, agent.pk])
        cursor.execute("ANALYZE messaging_thread, accounts_user, accounts_team, accounts_user_teams")
        for sql, params, index in (
            (routing.AGENT_FOR, [team.pk, "{}", None], "messaging_open_chats"),
            (routing.PLACES, [agent.pk], "messaging_open_chats"),
            (routing.THREADS_FOR, [agent.pk, 1], "messaging_queue"),
            (routing.PLACEABLE, [100], "messaging_queue"),
            (queue_queries.PLACE, [team.pk, talk.queued_at, talk.pk, team.pk], "messaging_queue"),
            (queue_queries.PLACE, [team.pk, talk.queued_at, talk.pk, team.pk], "messaging_waited"),
            (queue_queries.FIRST, [], "messaging_queue"),
            (queue_queries.QUEUES, [True, "{}", True], "messaging_queue"),
            (services.timers.OVERDUE, [100], "messaging_queue"),
        ):
            cursor.execute("EXPLAIN " + sql, params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            # messaging_queue_of_all holds the same few rows as messaging_queue, in the order of all teams.
            assert f"using {index}" in plan or f"on {index}" in plan, plan
            assert "Seq Scan on messaging_thread" not in plan, plan
