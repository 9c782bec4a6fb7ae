"""What happens by the clock: overflow, closing after silence, who is gone, and that nothing is left lying."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Team, User
from accounts.services import set_status
from api import background
from events import listening
from events.models import Event, Listening
from messaging import services
from messaging import timers as clock
from messaging.chat import credentials
from messaging.models import Message, Thread
from messaging.services import timers
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.desk import Desk
from tests.messaging.conversations import as_user, thread, visitor
from tests.messaging.robots import robot
from tests.messaging.test_routing import a_chat, actions, available, now_of, read_until
from tests.messaging.test_routing_at_once import at_once
from tests.streams import listen

pytestmark = pytest.mark.django_db


def set_chat(admin: User, **values) -> None:
    change_settings(group="chat", values=values, actor=admin)
    forget_kept()


def ago(**span) -> object:
    return timezone.now() - timedelta(**span)


def test_the_worker_runs_the_clock():
    assert clock.start in background.companions


class TestOverflow:
    @pytest.fixture
    def teams(self, db) -> list[Team]:
        first, second = factories.team("First"), factories.team("Second")
        Team.objects.filter(pk=first.pk).update(overflow_team=second, overflow_seconds=60)
        return [first, second]

    def test_what_has_waited_too_long_goes_to_the_other_team_and_its_agent(self, teams):
        agent = available(teams[1])
        talk, fresh = a_chat(teams[0]), a_chat(teams[0])
        Thread.objects.filter(pk=talk.pk).update(queued_at=ago(seconds=61), team_queued_at=ago(seconds=61))
        assert timers.overflow() == 1
        assert now_of(talk) == ("open", agent) and talk.team == teams[1]
        assert now_of(fresh)[0] == "queued" and fresh.team == teams[0]
        assert actions(talk) == ["created", "moved_away", "overflowed", "assigned"]

    def test_it_keeps_the_place_of_its_time_and_waits_there_anew(self, teams):
        talk = a_chat(teams[0])
        before = ago(seconds=100)
        Thread.objects.filter(pk=talk.pk).update(queued_at=before, team_queued_at=before)
        timers.overflow()
        talk.refresh_from_db()
        assert (talk.queued_at, talk.state, talk.team) == (before, "queued", teams[1])
        assert timezone.now() - talk.team_queued_at < timedelta(seconds=30)

    @pytest.mark.parametrize("change", [{"overflow_seconds": 0}, {"overflow_team": None}])
    def test_never_where_the_team_does_not_say_so(self, teams, change):
        talk = a_chat(teams[0])
        Thread.objects.filter(pk=talk.pk).update(team_queued_at=ago(hours=9))
        Team.objects.filter(pk=teams[0].pk).update(**change)
        assert timers.overflow() == 0

    def test_those_who_see_it_no_more_hear_only_that_it_is_gone(self, teams):
        talk = a_chat(teams[0])
        Thread.objects.filter(pk=talk.pk).update(team_queued_at=ago(hours=9))
        timers.overflow()
        gone = Event.objects.get(type="thread.moved_away")
        assert gone.audience == [f"messages/team:{teams[0].pk}"]

    @pytest.mark.django_db(transaction=True)
    def test_several_workers_do_not_double_it(self, teams):
        talks = [a_chat(teams[0]) for _ in range(6)]
        Thread.objects.update(team_queued_at=ago(hours=9))
        assert sum(at_once(4, lambda number: timers.overflow())) == len(talks)
        assert Event.objects.filter(type="thread.overflowed").count() == len(talks)


class TestSilence:
    def silent(self, agent, **fields) -> Thread:
        talk = thread(agent=agent, **fields)
        services.send_message(thread=talk, visitor=talk.visitor, content="Hello", created_at=ago(minutes=40))
        services.send_message(thread=talk, user=agent, content="Solved?", created_at=ago(minutes=31))
        return talk

    def test_what_the_visitor_leaves_unanswered_is_closed_and_says_so(self, agent, admin):
        set_chat(admin, autoCloseMinutes=30, autoCloseText="Goodbye.")
        talk = self.silent(agent)
        assert (timers.close_silent(), timers.close_silent()) == (1, 0)
        assert now_of(talk)[0] == "closed" and talk.closed_at
        last = Message.objects.filter(thread=talk).latest("seq")
        assert (last.type, last.content, last.user, last.visitor) == ("system", "Goodbye.", None, None)
        told = Event.objects.get(type="thread.closed")
        assert (told.data["action"], told.actor_id) == ("auto_closed", None)

    def test_its_agent_gets_the_next_one(self, admin):
        set_chat(admin, autoCloseMinutes=30, autoCloseText="")
        agent = available(team := factories.team(), capacity=1)
        first, second = a_chat(team), a_chat(team)
        services.send_message(thread=first, user=agent, content="Solved?", created_at=ago(minutes=31))
        assert timers.close_silent() == 1
        assert now_of(second) == ("open", agent) and not Message.objects.filter(type="system").exists()

    @pytest.mark.parametrize("why", ["never", "fresh", "waits", "empty", "ticket", "queued"])
    def test_nothing_else_is_closed(self, agent, admin, why):
        set_chat(admin, autoCloseMinutes=0 if why == "never" else 30)
        if why == "empty":
            thread(agent=agent)
        elif why == "ticket":
            self.silent(agent, type="TICKET")
        else:
            talk = self.silent(agent)
            if why == "fresh":
                services.send_message(thread=talk, user=agent, content="Still there?")
            if why == "waits":
                services.send_message(
                    thread=talk, visitor=talk.visitor, content="No", created_at=ago(minutes=31)
                )
            if why == "queued":
                Thread.objects.update(state="queued", agent=None)
        assert timers.close_silent() == 0


class TestDropping:
    @pytest.fixture
    def hubs(self, db):
        """Hubs that have been there for long."""
        # The desk of other tests may have left its own.
        Listening.objects.update_or_create(user_id=listening.NOBODY, defaults={"since": ago(hours=1)})

    @pytest.fixture
    def team(self, db) -> Team:
        return factories.team()

    def listened(self, agent: User, **span) -> None:
        User.objects.filter(pk=agent.pk).update(status_at=ago(hours=1))
        Listening.objects.create(user_id=agent.pk, since=ago(minutes=30), seen_at=ago(**span))

    def test_who_has_no_stream_any_more_is_offline_for_everybody(self, hubs, team):
        agent = available(team)
        self.listened(agent, seconds=61)
        assert (timers.drop_absent(), timers.drop_absent()) == (1, 0)
        agent.refresh_from_db()
        assert agent.status == "OFFLINE"
        told = Event.objects.get(type="user.presence")
        assert told.data["status"] == "OFFLINE" and told.data["reason"] == "dropped"
        assert told.data["agentInfo"]["uid"] == str(agent.pk)

    @pytest.mark.django_db(transaction=True)
    def test_what_the_agent_had_goes_to_others_at_once_and_direct_ones_stay(self, hubs, team):
        agent = available(team)
        talk, direct = a_chat(team), thread(agent=agent)
        before = ago(minutes=9)
        Thread.objects.filter(pk=talk.pk).update(queued_at=before)
        other = available(team)
        self.listened(agent, seconds=61)
        timers.drop_absent()
        read_until(lambda: now_of(talk) == ("open", other))
        assert talk.queued_at == before
        assert now_of(direct) == ("open", agent)
        assert actions(talk) == ["created", "assigned", "requeued", "assigned"]

    @pytest.mark.django_db(transaction=True)
    def test_what_belongs_to_no_team_waits_for_who_accepts_it(self, hubs, team):
        agent = available(team)
        talk = thread(team=None, robot=robot())
        services.accept_thread(thread_id=talk.pk, actor=agent)
        self.listened(agent, seconds=61)
        timers.drop_absent()
        read_until(lambda: now_of(talk) == ("queued", None))

    @pytest.mark.django_db(transaction=True)
    def test_or_waits_before_those_who_came_later(self, hubs, team):
        agent = available(team, capacity=1)
        talk, later = a_chat(team), a_chat(team)
        self.listened(agent, seconds=61)
        timers.drop_absent()
        read_until(lambda: now_of(talk) == ("queued", None))
        other = available(team, capacity=1)
        services.routing.sweep()
        assert now_of(talk) == ("open", other) and now_of(later)[0] == "queued"

    @pytest.mark.parametrize(
        "why", ["listens", "never listened", "since then", "busy", "hubs were down", "never"]
    )
    def test_nobody_else_is_dropped(self, hubs, team, admin, why):
        agent = available(team)
        if why != "never listened":
            self.listened(agent, seconds=20 if why == "listens" else 61)
        if why == "since then":  # available again by the API alone, after the stream had gone
            set_status(user=agent, status="BUSY")
            set_status(user=agent, status="AVAILABLE")
        if why == "busy":
            User.objects.filter(pk=agent.pk).update(status="BUSY")
        if why == "hubs were down":
            Listening.objects.filter(user_id=listening.NOBODY).update(since=ago(seconds=10))
        if why == "never":
            set_chat(admin, dropSeconds=0)
        assert timers.drop_absent() == 0

    def test_seconds_that_a_slow_page_needs_to_come_back_are_no_setting(self, admin):
        api = as_user(admin)
        refused = api.put("settings/chat", {"dropSeconds": 5})
        assert refused.status_code == 400 and "at least 30" in refused.content.decode()
        assert api.put("settings/chat", {"dropSeconds": 30}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_stream_shows_that_its_user_is_there_and_that_of_a_visitor_nobody(desk):
    agent = factories.agent()
    Listening.objects.all().delete()
    Thread.objects.create(type="AGENT", agent=agent, visitor=(guest := visitor()))
    listen(desk.url, credentials.issue(guest.pk), lambda: None, until=99, seconds=2, path="/api/chat/stream")
    listen(desk.url, factories.token(agent), lambda: None, until=99, seconds=2)
    seen = {each.user_id: each for each in Listening.objects.all()}
    assert set(seen) == {agent.pk, listening.NOBODY}
    assert timezone.now() - seen[agent.pk].seen_at < timedelta(seconds=4)


def test_listening_goes_on_where_no_note_was_missed_and_begins_anew_after_a_gap(agent):
    listening.note({agent.pk})
    Listening.objects.update(since=ago(minutes=9), seen_at=ago(seconds=listening.BEAT))
    listening.note({agent.pk})
    assert Listening.objects.filter(since__lt=ago(minutes=8)).count() == 2
    assert listening.heard_without_gap_since(ago(minutes=8))
    Listening.objects.update(seen_at=ago(seconds=4 * listening.BEAT))
    assert not listening.heard_without_gap_since(ago(minutes=8))
    listening.note(set())
    assert not listening.heard_without_gap_since(ago(minutes=8))
    assert Listening.objects.get(user_id=agent.pk).since < ago(minutes=8)


@pytest.mark.django_db(transaction=True)
def test_hubs_that_note_the_same_people_at_once_do_not_wait_for_each_other():
    people = [factories.agent().pk for _ in range(30)]
    at_once(6, lambda number: [listening.note(people[:: 1 if number % 2 else -1]) for _ in range(10)])
    assert Listening.objects.filter(user_id__in=people).count() == 30


@pytest.mark.django_db(transaction=True)
def test_the_worker_gives_to_others_what_somebody_had_whose_stream_is_gone(desk):
    team = factories.team()
    agent = available(team)
    talk = a_chat(team)
    User.objects.filter(pk=agent.pk).update(status_at=ago(minutes=5))
    listen(desk.url, factories.token(agent), lambda: None, until=99, seconds=2)
    other = available(team)
    assert timers.drop_absent() == 0  # gone, but not for long

    def a_minute_later() -> bool:
        Listening.objects.filter(user_id=listening.NOBODY).update(since=ago(hours=1))
        Listening.objects.filter(user_id=agent.pk).update(seen_at=ago(seconds=61))
        return now_of(talk) == ("open", other)

    read_until(a_minute_later, seconds=30)
    agent.refresh_from_db()
    assert agent.status == "OFFLINE"


@pytest.mark.django_db(transaction=True)
def test_after_a_power_cut_what_waits_is_given_away_by_the_worker(tmp_path):
    """An agent became available, and everything was killed before anybody could act on it."""
    team = factories.team()
    agent = factories.agent(teams=[team])
    talk = a_chat(team)
    User.objects.filter(pk=agent.pk).update(status="AVAILABLE")  # no event tells of it
    desk = Desk(tmp_path)
    try:
        read_until(lambda: now_of(talk) == ("open", agent))
    finally:
        desk.stop()
