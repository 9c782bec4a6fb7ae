"""What is nobody else's business: other teams' visitors, what moved away, what two colleagues say."""

import pytest

from events.models import Event
from messaging import services
from messaging.models import Visitor
from tests import factories
from tests.messaging.conversations import as_user, ids, thread, visitor
from tokens.authentication import token_caller
from tokens.origins import facts_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return factories.team()


@pytest.fixture
def limited(team):
    """A supervisor's token that is limited to one team."""
    return as_user(factories.supervisor(), team_ids=[team.pk])


def hears(api, event: Event) -> bool:
    return not token_caller(api.token, facts_of({}, "")).channels().isdisjoint(event.audience)


class TestVisitorsOfOtherTeams:
    def test_a_new_visitor_is_told_to_nobody_whose_token_is_limited(self, api, admin_api, limited):
        visitor("Stranger")
        made = Event.objects.get(type="visitor.created")
        assert (hears(api, made), hears(admin_api, made), hears(limited, made)) == (True, True, False)

    def test_a_changed_visitor_is_told_to_the_teams_it_wrote_to(self, api, limited, team):
        ours, theirs = thread(team=team).visitor, thread().visitor
        for each in (ours, theirs):
            services.change_visitor(visitor_id=each.pk, changes={"nickname": "Zoë"})
        told = {each.object_id: each for each in Event.objects.filter(type="visitor.updated")}
        assert hears(limited, told[str(ours.pk)]) and hears(api, told[str(theirs.pk)])
        assert not hears(limited, told[str(theirs.pk)])

    @pytest.mark.parametrize("who", [{"externalId": "crm-7"}, {"email": "ZOE@example.com"}])
    def test_one_that_is_found_is_refused_like_one_that_is_not(self, limited, team, who):
        visitor("Zoë", **({"external_id": "crm-7"} if "externalId" in who else {"email": "zoe@example.com"}))
        body = {"type": "WORKGROUP", "team": str(team.pk)}
        unknown = "00000000-0000-7000-8000-000000000000"
        answers = [
            limited.post("threads/create", body | {"visitor": each}) for each in (who, {"id": unknown})
        ]
        assert [each.status_code for each in answers] == [400, 400]
        assert answers[0].json()["errors"] == answers[1].json()["errors"]

    def test_what_failed_leaves_no_visitor_behind_who_cannot_be_named_again(self, limited, team):
        body = {"type": "WORKGROUP", "team": str(team.pk), "visitor": {"externalId": "crm-8"}}
        assert limited.post("threads/create", body | {"topic": "x" * 301}).status_code == 400
        assert not Visitor.objects.exists()
        assert limited.post("threads/create", body).status_code == 200
        assert limited.post("threads/create", body).status_code == 200


def test_who_loses_a_thread_hears_only_that_it_is_gone(agent):
    ours, theirs, other = factories.team(), factories.team(), factories.agent()
    talk = thread(team=ours, agent=agent, type="WORKGROUP", topic="Secret")
    moved = services.transfer_thread(thread_id=talk.pk, actor=agent, agent=other, team=theirs)
    told = Event.objects.filter(object_id=str(moved.pk), type__startswith="thread.").order_by("id")
    gone, given = told[1:]
    assert (gone.type, given.type) == ("thread.moved_away", "thread.transferred")
    assert set(gone.audience) == {f"messages/team:{ours.pk}", f"messages/user:{agent.pk}"}
    assert gone.data == {"thread": {"id": str(talk.pk), "uid": str(talk.pk)}, "action": "moved_away"}
    assert given.data["thread"]["topic"] == "Secret"
    assert set(given.audience) == {
        "messages/all", f"messages/team:{theirs.pk}", f"messages/user:{other.pk}",
    }  # fmt: skip


def test_within_the_team_a_thread_moves_away_from_nobody_but_its_agent(agent, team):
    talk = thread(team=team, agent=agent, type="WORKGROUP")
    services.transfer_thread(thread_id=talk.pk, actor=agent, team=team)
    assert Event.objects.get(type="thread.moved_away").audience == [f"messages/user:{agent.pk}"]
    services.accept_thread(thread_id=talk.pk, actor=agent)
    assert Event.objects.filter(type="thread.moved_away").count() == 1


class TestWhatTwoColleaguesSay:
    @pytest.fixture
    def talk(self, agent):
        made = services.create_thread(type="MEMBER", agent=factories.supervisor(), actor=agent)
        services.send_message(thread=made, user=agent, content="Psst")
        return made

    def test_is_theirs_alone(self, talk, agent, admin_api):
        sent = Event.objects.get(type="message.created")
        for each in (admin_api, as_user(factories.supervisor()), as_user(factories.agent())):
            assert each.get(f"threads/{talk.pk}").status_code == 404
            assert each.get(f"messages/{sent.object_id}").status_code == 404
            assert each.get(f"messages/list?thread={talk.pk}").json() == []
            assert ids(each.get("threads/list")) == ids(each.get("messages/list?q=Psst")) == set()
            said = each.post("messages/send", {"thread": str(talk.pk), "content": "x"})
            assert said.status_code == 404
            assert not hears(each, sent)

    def test_is_seen_and_heard_by_both_of_them(self, talk, agent):
        sent = Event.objects.get(type="message.created")
        for each in (as_user(agent), as_user(talk.agent)):
            assert ids(each.get("threads/list")) == {str(talk.pk)} and hears(each, sent)
            assert ids(each.get("messages/list")) == {sent.object_id}

    def test_is_not_in_the_admin(self, talk, admin):
        from django.contrib.admin import site
        from django.test import RequestFactory

        request = RequestFactory().get("/admin/")
        request.user = admin
        for model in (type(talk), talk.messages.model):
            assert not site.get_model_admin(model).get_queryset(request).exists()
        visitor("Zoë")
        shown = site.get_model_admin(Event).get_queryset(request)
        assert set(shown.values_list("type", flat=True)) == {"user.created", "visitor.created"}


def test_only_the_desk_itself_writes_system_messages(agent):
    from api.errors import Problem

    talk = thread(agent=agent)
    for who in ({"user": agent}, {"visitor": talk.visitor}):
        with pytest.raises(Problem):
            services.send_message(thread=talk, content="x", type="system", **who)
    assert services.send_message(thread=talk, content="x", type="system")["type"] == "system"


def test_to_a_hidden_thread_nobody_sends(agent):
    from api.errors import Problem

    talk = thread(agent=agent)
    services.hide_thread(thread_id=talk.pk, hidden=True)
    with pytest.raises(Problem):
        services.send_message(thread=talk, visitor=talk.visitor, content="x")
