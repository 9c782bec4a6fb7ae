"""Who gets a conversation that waits, and when: at once, by the team's way, never beyond what one takes."""

import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from accounts.services import change_user, set_status
from events import readers
from events.models import Event
from messaging import services
from messaging.models import Thread, Turn
from messaging.services import routing
from tests import factories
from tests.messaging.conversations import Browser, as_user, thread, visitor

pytestmark = pytest.mark.django_db


def available(team: Team, **fields) -> User:
    return factories.agent(teams=[team], status="AVAILABLE", **fields)


def a_chat(team: Team, **fields) -> Thread:
    """Return a new conversation of a team, as routing left it."""
    with transaction.atomic():
        made = thread(team=team, **fields)
        routing.route(made)
    return made


def now_of(talk: Thread) -> tuple[str, User | None]:
    talk.refresh_from_db()
    return talk.state, talk.agent


def actions(talk: Thread) -> list[str]:
    told = Event.objects.filter(object_id=str(talk.pk), object_type="thread").order_by("id")
    return [event.data["action"] for event in told]


def read_until(condition, seconds: float = 15) -> None:
    """Do the worker's reading, or let a running desk's worker do it, until something is so."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        readers.read_all()
        time.sleep(0.05)
    assert condition()


@pytest.fixture
def team() -> Team:
    return factories.team()


class TestFirstMessage:
    def test_a_visitors_first_message_brings_an_agent_at_once(self, team):
        agent = available(team)
        browser = Browser(t="1", sid=str(team.pk))
        browser.open()
        assert browser.say("Hello").status_code == 200
        talk = Thread.objects.get()
        assert now_of(talk) == ("open", agent)
        assert actions(talk) == ["created", "assigned"]
        shown = browser.open().json()["thread"]
        assert shown["agent"]["nickname"] == agent.nickname
        assert shown["position"] is shown["estimateSeconds"] is None

    @pytest.mark.parametrize("why", ["busy", "offline", "inactive", "elsewhere", "full", "takes none"])
    def test_who_takes_no_chats_gets_none(self, team, why):
        fields = {
            "busy": {"status": "BUSY"},
            "offline": {"status": "OFFLINE"},
            "inactive": {"is_active": False},
        }
        fields |= {"full": {"capacity": 1}, "takes none": {"capacity": 0}}
        teams = [factories.team()] if why == "elsewhere" else [team]
        agent = factories.agent(teams=teams, **{"status": "AVAILABLE"} | fields.get(why, {}))
        if why == "full":
            thread(agent=agent)  # a direct conversation counts
        assert now_of(a_chat(team)) == ("queued", None)

    def test_a_thread_begun_by_the_api_finds_an_agent_too(self, team):
        agent = available(team)
        body = {"type": "WORKGROUP", "team": str(team.pk), "visitor": {"nickname": "Ann"}}
        made = as_user(factories.admin()).post("threads/create", body).json()
        assert (made["state"], made["agent"]["id"]) == ("open", str(agent.pk))

    def test_a_direct_conversation_stays_with_its_agent_whatever_the_status(self, team):
        offline = factories.agent(teams=[team])
        available(team)
        browser = Browser(t="0", sid=offline.username)
        browser.open()
        browser.say("Are you there?")
        assert now_of(Thread.objects.get()) == ("open", offline)

    def test_the_threads_of_tickets_go_to_nobody(self, team):
        available(team)
        ticket = thread(type="TICKET", team=team, state="queued")
        assert not routing.route(ticket) and not routing.sweep()


class TestWhoIsChosen:
    def test_the_fewest_for_what_one_takes(self, team):
        small, large = available(team, capacity=2), available(team, capacity=8)
        for _ in range(5):
            a_chat(team)
        assert Thread.objects.filter(agent=small).count() == 1
        assert Thread.objects.filter(agent=large).count() == 4

    def test_of_the_same_load_who_is_idle_longest(self, team):
        first, second, third = (available(team) for _ in range(3))
        long_ago = timezone.now() - timedelta(hours=1)
        Turn.objects.create(user=first, at=long_ago)
        Turn.objects.create(user=third, at=long_ago - timedelta(hours=1))
        assert [now_of(a_chat(team))[1] for _ in range(3)] == [second, third, first]

    def test_in_turn_whoever_is_busier(self, team):
        Team.objects.filter(pk=team.pk).update(routing="round_robin")
        agents = [available(team, capacity=4 + number) for number in range(3)]
        thread(agent=agents[0])
        order = [now_of(a_chat(team))[1] for _ in range(6)]
        assert order[:3] == order[3:] and set(order) == set(agents)

    def test_who_has_the_skills_that_it_needs(self, team):
        available(team, skills=["refunds"])
        able = available(team, skills=["Chinese", "refunds"])
        for _ in range(3):
            assert now_of(a_chat(team, skills=["REFUNDS", " chinese "])) == ("open", able)
        assert now_of(a_chat(team, skills=["klingon"])) == ("queued", None)

    def test_in_a_manual_team_agents_take_what_waits(self, team):
        Team.objects.filter(pk=team.pk).update(routing="manual")
        agent = available(team)
        talk = a_chat(team)
        routing.sweep()
        assert now_of(talk) == ("queued", None)
        assert as_user(agent).post(f"threads/{talk.pk}/accept").json()["state"] == "open"

    def test_accepting_asks_for_no_capacity(self, team):
        agent = available(team, capacity=0)
        for talk in [a_chat(team), a_chat(team, skills=["klingon"])]:
            assert as_user(agent).post(f"threads/{talk.pk}/accept").status_code == 200
        assert as_user(agent).get("user/profile").json()["openChats"] == 2


class TestBecomingFree:
    def test_closing_brings_what_has_waited_longest(self, team):
        agent = available(team, capacity=1)
        first, second, third = (a_chat(team) for _ in range(3))
        assert now_of(first) == ("open", agent)
        services.close_thread(thread_id=first.pk, actor=agent)
        assert now_of(second) == ("open", agent) and now_of(third)[0] == "queued"

    def test_only_what_the_agent_can_take(self, team):
        elsewhere = factories.team()
        agent = available(team, capacity=1, skills=["refunds"])
        talk = a_chat(team)
        hard, theirs, fitting = (
            a_chat(team, skills=["klingon"]),
            a_chat(elsewhere),
            a_chat(team, skills=["refunds"]),
        )
        services.close_thread(thread_id=talk.pk, actor=None)
        assert now_of(fitting) == ("open", agent)
        assert now_of(hard)[0] == now_of(theirs)[0] == "queued"

    def test_who_becomes_available_gets_all_that_fits(self, team):
        agent = factories.agent(teams=[team], capacity=2)
        talks = [a_chat(team) for _ in range(3)]
        set_status(user=agent, status="AVAILABLE")
        routing.sweep()
        assert [now_of(each)[0] for each in talks] == ["open", "open", "queued"]

    @pytest.mark.parametrize("changes", [{"capacity": 2}, {"skills": ["refunds"]}, {"teams": True}])
    def test_more_capacity_skills_or_teams_move_the_queue(self, team, changes):
        agent = available(factories.team() if "teams" in changes else team, capacity=1)
        if "capacity" in changes:
            thread(agent=agent)
        talk = a_chat(team, skills=["refunds"] if "skills" in changes else [])
        assert now_of(talk)[0] == "queued"
        changes = {"teams": [*agent.teams.all(), team]} if "teams" in changes else changes
        change_user(user_id=agent.pk, changes=changes)
        routing.sweep()
        assert now_of(talk) == ("open", agent)

    def test_nobody_available_gets_nothing_twice(self, team):
        talks = [a_chat(team) for _ in range(3)]
        available(team, capacity=2)
        assert (routing.sweep(), routing.sweep()) == (2, 0)
        assert sorted(now_of(each)[0] for each in talks) == ["open", "open", "queued"]


@pytest.mark.django_db(transaction=True)
def test_the_worker_moves_the_queue_when_somebody_becomes_available():
    team = factories.team()
    agent = factories.agent(teams=[team])
    talk = a_chat(team)
    assert as_user(agent).put("user/profile", {"status": "AVAILABLE"}).status_code == 200
    read_until(lambda: now_of(talk) == ("open", agent))


@pytest.mark.django_db(transaction=True)
def test_what_somebody_has_who_is_taken_out_of_service_goes_to_others():
    team = factories.team()
    agent = available(team)
    talk, direct = a_chat(team), thread(agent=agent)
    other = available(team)
    change_user(user_id=agent.pk, changes={"is_active": False})
    read_until(lambda: now_of(talk) == ("open", other))
    assert now_of(direct) == ("queued", None)  # for who accepts it: nobody else would answer
    services.accept_thread(thread_id=direct.pk, actor=other)
    assert now_of(direct) == ("open", other)
    assert actions(talk) == ["created", "assigned", "requeued", "assigned"]


class TestHandingOn:
    def test_a_transfer_to_a_team_finds_an_agent_there_and_frees_the_giver(self, team):
        other_team = factories.team()
        giver, taker = available(team, capacity=1), available(other_team)
        talk, waiting = a_chat(team), a_chat(team)
        as_user(giver).post(f"threads/{talk.pk}/transfer", {"team": str(other_team.pk)})
        assert now_of(talk) == ("open", taker) and now_of(waiting) == ("open", giver)
        assert actions(talk) == ["created", "assigned", "moved_away", "transferred", "assigned"]

    def test_what_one_gives_back_one_does_not_get_again_by_itself(self, team):
        giver = available(team)
        talk = a_chat(team)
        body = {"team": str(team.pk)}
        assert as_user(giver).post(f"threads/{talk.pk}/transfer", body).json()["state"] == "queued"
        routing.sweep()
        assert now_of(talk)[0] == "queued"
        other = available(team)
        routing.sweep()
        assert now_of(talk) == ("open", other)

    def test_a_transfer_to_an_agent_asks_for_no_capacity(self, team):
        giver, taker = available(team), factories.agent(teams=[team], capacity=0)
        talk = a_chat(team)
        as_user(giver).post(f"threads/{talk.pk}/transfer", {"agent": str(taker.pk)})
        assert now_of(talk) == ("open", taker)

    def test_a_note_goes_along_for_the_desk_alone(self, team):
        giver, taker = available(team), factories.agent(teams=[team])
        talk = a_chat(team)
        body = {"agent": str(taker.pk), "note": "She wants a refund."}
        assert as_user(giver).post(f"threads/{talk.pk}/transfer", body).status_code == 200
        (note,) = as_user(taker).get(f"messages/list?thread={talk.pk}").json()
        assert (note["visibility"], note["content"]) == ("internal", "She wants a refund.")
        told = Event.objects.get(type="message.created")
        assert f"messages/user:{taker.pk}" in told.audience
        assert not [each for each in told.audience if "visitor" in each]

    @pytest.mark.parametrize("note", [" ", "x" * 20_001])
    def test_a_note_is_a_text(self, team, note):
        talk = a_chat(team)
        answer = as_user(factories.admin()).post(
            f"threads/{talk.pk}/transfer", {"agent": str(factories.agent().pk), "note": note}
        )
        assert answer.json()["errors"][0]["field"] == "note" and now_of(talk)[0] == "queued"

    def test_a_transfer_to_another_team_begins_its_waiting_anew(self, team):
        talk = a_chat(team)
        Thread.objects.filter(pk=talk.pk).update(queued_at=timezone.now() - timedelta(hours=1))
        other = factories.team()
        as_user(factories.admin()).post(f"threads/{talk.pk}/transfer", {"team": str(other.pk)})
        talk.refresh_from_db()
        assert timezone.now() - talk.queued_at < timedelta(minutes=1)


class TestComingBack:
    def close(self, talk: Thread) -> None:
        services.close_thread(thread_id=talk.pk, actor=None)

    def say(self, talk: Thread) -> None:
        services.send_message(thread=talk, visitor=talk.visitor, content="Once more")

    def test_a_visitor_comes_back_to_the_same_agent(self, team):
        agent, _ = available(team), available(team)
        talk = thread(team=team, type="WORKGROUP", agent=agent)
        self.close(talk)
        self.say(talk)
        assert now_of(talk) == ("open", agent)

    @pytest.mark.parametrize("why", [{"status": "OFFLINE"}, {"status": "BUSY"}, {"capacity": 0}])
    def test_or_to_another_where_the_agent_takes_no_more(self, team, why):
        agent = available(team)
        talk = a_chat(team)
        self.close(talk)
        User.objects.filter(pk=agent.pk).update(**why)
        other = available(team)
        self.say(talk)
        assert now_of(talk) == ("open", other)
        assert actions(talk)[-3:] == ["closed", "reopened", "assigned"]

    def test_or_into_the_queue_where_nobody_is_there(self, team):
        agent = available(team)
        talk = a_chat(team)
        self.close(talk)
        User.objects.filter(pk=agent.pk).update(status="OFFLINE")
        self.say(talk)
        assert now_of(talk) == ("queued", None)

    def test_who_reopens_by_hand_leaves_it_with_its_agent(self, team):
        agent = factories.agent(teams=[team])
        talk = thread(team=team, type="WORKGROUP", agent=agent)
        self.close(talk)
        services.reopen_thread(thread_id=talk.pk, actor=agent)
        assert now_of(talk) == ("open", agent)


class TestWaiting:
    def waiting(self, talk: Thread):
        return as_user(factories.admin()).get(f"threads/{talk.pk}").json()["waitingSince"]

    def test_since_the_oldest_word_that_the_desk_has_not_answered(self, agent):
        talk = thread(agent=agent)
        assert self.waiting(talk) is None
        services.send_message(thread=talk, visitor=talk.visitor, content="Hello?")
        since = self.waiting(talk)
        assert since is not None
        services.send_message(thread=talk, visitor=talk.visitor, content="Anybody?")
        services.send_message(thread=talk, user=agent, content="Wait", visibility="internal")
        services.send_message(thread=talk, content="You are next.", type="system")
        assert self.waiting(talk) == since
        services.send_message(thread=talk, user=agent, content="Here I am")
        assert self.waiting(talk) is None

    def test_not_when_it_is_over_and_again_when_it_goes_on(self, agent):
        talk = thread(agent=agent)
        services.send_message(thread=talk, visitor=talk.visitor, content="Hello?")
        services.close_thread(thread_id=talk.pk, actor=agent)
        assert self.waiting(talk) is None
        services.send_message(thread=talk, visitor=talk.visitor, content="Still there?")
        assert self.waiting(talk) is not None

    def test_the_list_is_narrowed_to_it(self, agent):
        talk, quiet = thread(agent=agent), thread(agent=agent, visitor=visitor("Quiet"))
        services.send_message(thread=talk, visitor=talk.visitor, content="Hello?")
        api = as_user(agent)
        assert [each["id"] for each in api.get("threads/list?waiting=true").json()] == [str(talk.pk)]
        assert [each["id"] for each in api.get("threads/list?waiting=false").json()] == [str(quiet.pk)]
        assert api.get("threads/list?waiting=maybe").json()["code"] == "invalid_parameter"

    def test_a_ticket_waits_by_its_own_rules(self):
        talk = thread(type="TICKET")
        services.send_message(thread=talk, visitor=talk.visitor, content="Hello?")
        talk.refresh_from_db()
        assert talk.waiting_since is None
