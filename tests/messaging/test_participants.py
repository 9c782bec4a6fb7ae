"""Colleagues in a conversation: who is invited sees it, hears it and writes in it, until it is left; and what
is taken over.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from messaging import services
from messaging.models import Thread, ThreadParticipant
from messaging.services import timers
from tests import factories
from tests.messaging.conversations import as_user, ids, thread, visitor
from tests.messaging.test_routing import a_chat, actions, available
from tests.messaging.test_timers import set_chat
from tests.streams import listen, settle
from tokens.authentication import token_caller
from tokens.origins import facts_of

pytestmark = pytest.mark.django_db


def hears(api, event: Event) -> bool:
    return not token_caller(api.token, facts_of({}, "")).channels().isdisjoint(event.audience)


@pytest.fixture
def talk(agent) -> Thread:
    """A conversation of the agent of `api`, in a team of its own."""
    agent.teams.add(team := factories.team())
    return thread(team=team, agent=agent, type="WORKGROUP")


@pytest.fixture
def guest():
    return factories.agent(nickname="Guest", avatar="/g.png")


class TestInviting:
    def test_who_is_invited_sees_it_and_writes_in_it(self, api, agent, talk, guest):
        theirs = as_user(guest)
        assert theirs.get(f"threads/{talk.pk}").status_code == 404
        shown = api.post(f"threads/{talk.pk}/invite", {"agent": str(guest.pk)}).json()
        person = {"id": str(guest.pk), "uid": str(guest.pk), "nickname": "Guest", "avatar": "/g.png"}
        person["invitedBy"] = str(agent.pk)
        assert shown["participants"] == [person] and shown["agent"]["id"] == str(agent.pk)
        assert theirs.get(f"threads/{talk.pk}").json()["participants"] == [person]
        body = {"thread": str(talk.pk), "content": "Let me help"}
        assert theirs.post("messages/send", body).status_code == 200
        assert ids(theirs.get("threads/list?participant=me")) == {str(talk.pk)}
        assert ids(theirs.get(f"messages/list?thread={talk.pk}"))
        assert ids(api.get("threads/list?participant=me")) == set()
        assert ids(api.get(f"threads/list?participant={guest.pk}")) == {str(talk.pk)}
        assert ids(api.get("threads/list?participant=none")) == set()
        row = ThreadParticipant.objects.get()
        assert (row.user, row.invited_by) == (guest, agent) and row.created_at

    def test_a_second_time_is_the_same(self, api, talk, guest):
        for _ in range(2):
            api.post(f"threads/{talk.pk}/invite", {"agent": {"id": str(guest.pk)}})
        assert ThreadParticipant.objects.count() == 1
        assert actions(talk).count("invited") == 1

    def test_who_is_invited_hears_everything_and_a_limited_token_nothing(self, api, talk, guest):
        api.post(f"threads/{talk.pk}/invite", {"agent": str(guest.pk)})
        theirs = as_user(guest)
        limited = as_user(guest, team_ids=[factories.team().pk])
        services.send_message(thread=talk, visitor=talk.visitor, content="x")
        api.post("messages/send", {"thread": str(talk.pk), "content": "note", "visibility": "internal"})
        told = list(Event.objects.filter(type__in=["thread.invited", "message.created"]))
        assert len(told) == 3 and all(hears(theirs, each) for each in told)
        assert not any(hears(limited, each) for each in told)
        assert limited.get(f"threads/{talk.pk}").status_code == 404

    def test_a_transfer_within_the_team_ends_no_invitation(self, api, talk, guest):
        api.post(f"threads/{talk.pk}/invite", {"agent": str(guest.pk)})
        api.post(f"threads/{talk.pk}/transfer", {"agent": str(factories.agent(teams=[talk.team]).pk)})
        assert as_user(guest).get(f"threads/{talk.pk}").status_code == 200
        assert hears(as_user(guest), Event.objects.get(type="thread.transferred"))

    def test_leaving_ends_it(self, api, talk, guest):
        api.post(f"threads/{talk.pk}/invite", {"agent": str(guest.pk)})
        theirs = as_user(guest)
        assert theirs.post(f"threads/{talk.pk}/leave").json()["participants"] == []
        assert theirs.get(f"threads/{talk.pk}").status_code == 404
        assert theirs.post(f"threads/{talk.pk}/leave").status_code == 404
        left, gone = (Event.objects.get(type=f"thread.{what}") for what in ("left", "moved_away"))
        assert not hears(theirs, left) and hears(theirs, gone) and not hears(api, gone)
        assert api.post(f"threads/{talk.pk}/leave").json()["code"] == "invalid_state"

    @pytest.mark.parametrize(
        "end", ["another team", "a guest hands it on", "overflow", "close", "auto close"]
    )
    def test_another_team_and_the_end_of_it_end_all_invitations(self, api, agent, admin, talk, guest, end):
        there = factories.agent(teams=[other := factories.team()])
        for each in (guest, there):
            api.post(f"threads/{talk.pk}/invite", {"agent": str(each.pk)})
        match end:
            case "another team":
                api.post(f"threads/{talk.pk}/transfer", {"team": str(other.pk), "note": "Yours"})
            case "a guest hands it on":
                body = {"team": str(other.pk), "note": "Yours"}
                assert as_user(guest).post(f"threads/{talk.pk}/transfer", body).status_code == 200
            case "overflow":
                api.post(f"threads/{talk.pk}/transfer", {"team": str(talk.team_id)})
                Thread.objects.filter(pk=talk.pk).update(team_queued_at=timezone.now() - timedelta(hours=1))
                type(talk.team).objects.filter(pk=talk.team_id).update(
                    overflow_team=other, overflow_seconds=1
                )
                assert timers.overflow() == 1
            case "close":
                services.close_thread(thread_id=talk.pk, actor=None)
            case "auto close":
                Thread.objects.filter(pk=talk.pk).update(last_message_at=timezone.now() - timedelta(days=1))
                set_chat(admin, autoCloseMinutes=5)
                assert timers.close_silent() == 1
        talk.refresh_from_db()
        assert talk.participant_ids == [] and not ThreadParticipant.objects.exists()
        theirs, last = as_user(guest), Event.objects.filter(type__startswith="thread.").latest("id")
        assert theirs.get(f"threads/{talk.pk}").status_code == 404 and not hears(theirs, last)
        (gone,) = Event.objects.filter(type="thread.moved_away")
        assert hears(theirs, gone) and not hears(as_user(factories.agent()), gone)
        if end.endswith("close"):
            services.reopen_thread(thread_id=talk.pk, actor=agent)
            assert theirs.get(f"threads/{talk.pk}").status_code == 404
        else:
            assert hears(as_user(there), last) and not hears(as_user(there), gone)

    def test_nobody_comes_in_by_inviting_themselves(self, agent, guest):
        direct = thread(agent=agent)  # of no team: everybody sees it
        theirs = as_user(guest)
        for who in (guest, factories.agent()):
            answer = theirs.post(f"threads/{direct.pk}/invite", {"agent": str(who.pk)})
            assert (answer.status_code, answer.json()["code"]) == (403, "role_not_permitted")
        assert not ThreadParticipant.objects.exists()

    @pytest.mark.parametrize("who", ["the agent", "inactive", "nobody", "missing"])
    def test_who_cannot_be_invited_is_refused_by_field(self, api, agent, talk, who):
        user = {"the agent": agent, "inactive": factories.agent(is_active=False)}.get(who)
        body = {"agent": str(user.pk) if user else "00000000-0000-7000-8000-000000000000"}
        answer = api.post(f"threads/{talk.pk}/invite", {} if who == "missing" else body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "agent")

    def test_only_into_what_goes_on_between_a_visitor_and_the_desk(self, api, agent, guest, talk):
        body = {"agent": str(guest.pk)}
        private = services.create_thread(type="MEMBER", agent=factories.agent(), actor=agent)
        ticket = thread(type="TICKET")
        services.close_thread(thread_id=talk.pk, actor=agent)
        for each in (private, ticket, talk):
            assert api.post(f"threads/{each.pk}/invite", body).json()["code"] == "invalid_state"

    def test_a_list_with_many_invited_costs_no_more(self, api, talk, django_assert_num_queries):
        for _ in range(4):
            api.post(f"threads/{talk.pk}/invite", {"agent": str(factories.agent().pk)})
        with django_assert_num_queries(2):
            (shown,) = api.get("threads/list?waiting=false").json()
        assert len(shown["participants"]) == 4


class TestRemoving:
    @pytest.fixture
    def mate(self, talk):
        return factories.agent(teams=[talk.team])

    @pytest.fixture
    def invited(self, talk, guest, mate):
        """The body that removes the guest, whom a mate of the agent has invited."""
        services.invite(thread_id=talk.pk, agent=guest, actor=mate)
        return {"agent": str(guest.pk)}

    @pytest.mark.parametrize("who", ["agent", "mate", "supervisor", "admin"])
    def test_its_agent_who_invited_and_supervisors_end_an_invitation(
        self, agent, mate, talk, guest, invited, who
    ):
        people = {"agent": agent, "mate": mate}
        by = people.get(who) or getattr(factories, who)()
        theirs = as_user(guest)
        answer = as_user(by).post(f"threads/{talk.pk}/remove", invited)
        assert (answer.status_code, answer.json()["participants"]) == (200, [])
        assert theirs.get(f"threads/{talk.pk}").status_code == 404
        body = {"thread": str(talk.pk), "content": "x"}
        assert theirs.post("messages/send", body).status_code == 404
        left, gone = (Event.objects.get(type=f"thread.{what}") for what in ("left", "moved_away"))
        assert (left.data["action"], left.actor_id) == ("removed", by.pk)
        assert not hears(theirs, left) and hears(theirs, gone) and not hears(as_user(mate), gone)
        again = as_user(agent).post(f"threads/{talk.pk}/remove", invited)
        assert (again.status_code, again.json()["code"]) == (409, "invalid_state")

    def test_who_sees_it_by_its_team_hears_of_it_like_the_others(self, api, talk, mate):
        api.post(f"threads/{talk.pk}/invite", {"agent": str(mate.pk)})
        api.post(f"threads/{talk.pk}/remove", {"agent": {"id": str(mate.pk)}})
        assert hears(as_user(mate), Event.objects.get(type="thread.left"))
        assert not Event.objects.filter(type="thread.moved_away").exists()

    def test_nobody_else_does(self, talk, guest, invited):
        another = factories.agent(teams=[talk.team])
        for each in (another, guest):
            answer = as_user(each).post(f"threads/{talk.pk}/remove", invited)
            assert (answer.status_code, answer.json()["code"]) == (403, "role_not_permitted")
        assert as_user(factories.agent()).post(f"threads/{talk.pk}/remove", invited).status_code == 404
        assert ThreadParticipant.objects.get().user == guest

    def test_who_is_out_of_service_is_removed_too(self, api, talk, guest, invited):
        type(guest).objects.filter(pk=guest.pk).update(is_active=False)
        assert api.post(f"threads/{talk.pk}/remove", invited).json()["participants"] == []


class TestTakingOver:
    def test_a_colleague_of_the_team_takes_it_and_both_hear(self, api, agent, talk):
        other = factories.agent(teams=[talk.team])
        shown = as_user(other).post(f"threads/{talk.pk}/takeover").json()
        assert (shown["agent"]["id"], shown["state"]) == (str(other.pk), "open")
        told = Event.objects.get(type="thread.taken_over")
        assert told.data["action"] == "taken_over" and told.actor_id == other.pk
        assert hears(api, told) and hears(as_user(other), told)

    def test_the_visitor_sees_who_it_is_now(self, talk):
        factories.agent(teams=[talk.team])
        as_user(factories.supervisor(nickname="Boss")).post(f"threads/{talk.pk}/takeover")
        assert Event.objects.filter(type="chat.thread").latest("id").data["agent"]["nickname"] == "Boss"

    def test_an_agent_of_another_team_hears_that_it_is_gone(self, talk):
        outsider = factories.agent()
        Thread.objects.filter(pk=talk.pk).update(agent=outsider)
        as_user(factories.supervisor()).post(f"threads/{talk.pk}/takeover")
        assert hears(as_user(outsider), Event.objects.get(type="thread.moved_away"))

    def test_who_loses_it_gets_the_next_one(self):
        agent = available(team := factories.team(), capacity=1)
        first, second = a_chat(team), a_chat(team)
        as_user(factories.supervisor()).post(f"threads/{first.pk}/takeover")
        second.refresh_from_db()
        assert second.agent == agent

    def test_who_was_invited_may(self, api, talk, guest):
        api.post(f"threads/{talk.pk}/invite", {"agent": str(guest.pk)})
        assert as_user(guest).post(f"threads/{talk.pk}/takeover").status_code == 200

    def test_a_stranger_who_sees_it_may_not(self, agent):
        direct = thread(agent=agent)  # of no team: everybody sees it
        answer = as_user(factories.agent()).post(f"threads/{direct.pk}/takeover")
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_permitted")
        agent.teams.add(team := factories.team())
        assert as_user(factories.agent(teams=[team])).post(f"threads/{direct.pk}/takeover").status_code == 200

    def test_a_stranger_who_sees_it_does_not_take_it_by_a_transfer(self, agent):
        direct, stranger = thread(agent=agent), factories.agent(teams=[factories.team()])
        theirs, mine = as_user(stranger), {"agent": str(stranger.pk)}
        for body in (mine, {"team": str(stranger.teams.get().pk)}, {"agent": str(factories.agent().pk)}):
            answer = theirs.post(f"threads/{direct.pk}/transfer", body)
            assert (answer.status_code, answer.json()["code"]) == (403, "role_not_permitted")
        assert Thread.objects.get(pk=direct.pk).agent == agent
        assert "transferred" not in actions(direct)

    @pytest.mark.parametrize("who", ["its agent", "of its team", "shares a team", "guest", "supervisor"])
    def test_its_agent_and_colleagues_transfer_it(self, agent, who):
        direct = thread(agent=agent)
        match who:
            case "its agent":
                by = agent
            case "of its team":
                by = factories.agent(teams=[team := factories.team()])
                Thread.objects.filter(pk=direct.pk).update(team=team)
            case "shares a team":
                agent.teams.add(team := factories.team())
                by = factories.agent(teams=[team])
            case "guest":
                services.invite(thread_id=direct.pk, agent=(by := factories.agent()), actor=agent)
            case _:
                by = factories.supervisor()
        body = {"agent": str(factories.agent().pk)}
        shown = as_user(by).post(f"threads/{direct.pk}/transfer", body).json()
        assert shown["agent"]["id"] == body["agent"]

    def test_what_nobody_has_everybody_who_sees_it_hands_on(self, api, agent):
        waiting = services.create_thread(type="WORKGROUP", visitor=visitor(), team=factories.team())
        agent.teams.add(waiting.team)
        answer = api.post(f"threads/{waiting.pk}/transfer", {"agent": str(factories.agent().pk)})
        assert answer.json()["state"] == "open"

    def test_ones_own_stays_and_what_nobody_has_is_accepted(self, api, talk):
        assert api.post(f"threads/{talk.pk}/takeover").status_code == 200
        assert "taken_over" not in actions(talk)
        waiting = thread(team=talk.team)
        for each in (waiting, thread(type="TICKET", team=talk.team)):
            assert api.post(f"threads/{each.pk}/takeover").json()["code"] == "invalid_state"
        stranger = as_user(factories.agent())
        assert stranger.post(f"threads/{talk.pk}/takeover").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_who_is_invited_hears_it_live_from_then_on_and_no_longer_than_until_leaving(desk):
    owner, guest, team = factories.agent(), factories.agent(), factories.team()
    owner.teams.add(team)
    talk = thread(team=team, agent=owner, type="WORKGROUP")
    mine, theirs = as_user(owner), as_user(guest)
    settle()

    def work() -> None:
        services.send_message(thread=talk, visitor=talk.visitor, content="before")
        mine.post(f"threads/{talk.pk}/invite", {"agent": str(guest.pk)})
        services.send_message(thread=talk, visitor=talk.visitor, content="while")
        mine.post("messages/send", {"thread": str(talk.pk), "content": "note", "visibility": "internal"})
        theirs.post(f"threads/{talk.pk}/leave")
        services.send_message(thread=talk, visitor=talk.visitor, content="after")

    stream = listen(desk.url, theirs.token, work, until=9, seconds=3)
    heard = [(each["type"], each["data"].get("content")) for each in stream.events]
    heard = [each for each in heard if each[0].startswith(("thread.", "message."))]
    assert heard == [
        ("thread.invited", None),
        ("message.created", "while"),
        ("message.created", "note"),
        ("thread.moved_away", None),
    ]
