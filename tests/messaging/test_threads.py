"""`/api/threads/*` and `/api/visitors/*`: who sees what, and what happens to a conversation."""

import pytest

from events.models import Event
from messaging import services
from messaging.models import Thread, Visitor
from tests import factories
from tests.messaging.conversations import as_user, ids, thread, visitor
from tests.messaging.test_messages import in_parallel
from tokens.authentication import token_caller
from tokens.origins import facts_of

pytestmark = pytest.mark.django_db


def test_a_thread_looks_as_the_iframe_protocol_says(api, agent):
    talk = thread(agent=agent, topic="退款 refund", visitor=visitor("小王", avatar="/a.png"))
    services.send_message(thread=talk, visitor=talk.visitor, content="你好")
    shown = api.get(f"threads/{talk.pk}").json()
    assert shown["uid"] == shown["id"] == str(talk.pk)
    assert (shown["topic"], shown["type"], shown["state"]) == ("退款 refund", "AGENT", "open")
    assert shown["user"] | {"id": ""} == {
        "id": "", "uid": str(talk.visitor.pk), "nickname": "小王", "avatar": "/a.png",
    }  # fmt: skip
    assert (shown["content"], shown["unreadCount"], shown["lastSeq"]) == ("你好", 1, 1)
    assert shown["agent"]["uid"] == str(agent.pk) and shown["team"] is None
    assert shown["createdAt"].endswith("Z") and shown["updatedAt"].endswith("Z")
    assert api.get("threads/list").json() == [shown]


def test_a_list_costs_one_statement_for_the_caller_and_one_for_the_page(
    api, agent, django_assert_num_queries
):
    for _ in range(5):
        thread(agent=agent)
    for path in ("threads/list", "threads/list?unread=false", "visitors/list", "visitors/list?q=王"):
        with django_assert_num_queries(2):
            assert len(api.get(path).json()) == 5


def test_empty_lists_are_empty_arrays(api):
    for path in ("threads/list", "visitors/list", "messages/list"):
        assert api.get(path).json() == []


def test_who_sees_which_thread(agent):
    ours, theirs = factories.team(), factories.team()
    agent.teams.add(ours)
    other = factories.agent()
    threads = {
        "of no team": thread(agent=other),
        "of our team": thread(team=ours),
        "of their team": thread(team=theirs),
        "mine in their team": thread(team=theirs, agent=agent, type="WORKGROUP"),
        "begun by me": thread(team=theirs, actor=agent),
        "two others": services.create_thread(type="MEMBER", agent=other, actor=factories.agent()),
        "me and another": services.create_thread(type="MEMBER", agent=other, actor=agent),
        "ticket of their team, begun by me": thread(type="TICKET", team=theirs, actor=agent),
        "ticket of no team": thread(type="TICKET"),
    }
    names = {str(each.pk): name for name, each in threads.items()}
    every_type = "threads/list?type=AGENT,WORKGROUP,MEMBER,TICKET"

    def seen(api) -> set[str]:
        listed = {names[id] for id in ids(api.get(every_type))}
        for id, name in names.items():
            assert (api.get(f"threads/{id}").status_code == 200) == (name in listed)
        return listed

    hidden = {"of their team", "two others", "ticket of their team, begun by me"}
    assert seen(as_user(agent)) == set(threads) - hidden
    assert seen(as_user(agent, team_ids=[ours.pk])) == {"of our team"}
    assert seen(as_user(agent, team_ids=[theirs.pk])) == set()
    everything = set(threads) - {"two others", "me and another"}
    assert seen(as_user(factories.supervisor())) == seen(as_user(factories.admin())) == everything
    assert seen(as_user(factories.admin(), team_ids=[ours.pk])) == {"of our team"}


def test_events_of_threads_reach_those_who_see_them_and_nobody_else(agent):
    ours, theirs = factories.team(), factories.team()
    agent.teams.add(ours)
    other = factories.agent()
    callers = [
        as_user(agent), as_user(agent, team_ids=[ours.pk]), as_user(other), as_user(factories.supervisor()),
        as_user(factories.admin(), team_ids=[theirs.pk]),
    ]  # fmt: skip
    for talk in (
        thread(agent=other),
        thread(team=ours),
        thread(team=theirs),
        thread(team=theirs, agent=agent, type="WORKGROUP"),
        services.create_thread(type="MEMBER", agent=other, actor=agent),
        thread(type="TICKET", team=theirs, actor=agent),
    ):
        services.send_message(thread=talk, visitor=talk.visitor, content="x")
        audience = set(Event.objects.filter(type="message.created").latest("id").audience)
        for caller in callers:
            heard = token_caller(caller.token, facts_of({}, "")).channels()
            sees = caller.get(f"threads/{talk.pk}").status_code == 200
            assert bool(audience & heard) == sees, (talk.type, talk.team, audience)


def test_threads_of_tickets_are_listed_only_where_asked_for(api):
    ticket = thread(type="TICKET")
    assert ids(api.get("threads/list")) == set()
    assert ids(api.get("threads/list?type=TICKET")) == {str(ticket.pk)}


def test_threads_are_narrowed(api, agent):
    mine, queued = thread(agent=agent), thread(visitor=visitor("Other"))
    agent.teams.add(queued.team)
    assert ids(api.get("threads/list?agent=me")) == ids(api.get("threads/list?state=open")) == {str(mine.pk)}
    assert (
        ids(api.get("threads/list?agent=none"))
        == ids(api.get("threads/list?state=queued"))
        == {str(queued.pk)}
    )
    assert ids(api.get(f"threads/list?team={queued.team_id}")) == {str(queued.pk)}
    assert ids(api.get(f"threads/list?visitor={mine.visitor_id}")) == {str(mine.pk)}
    services.send_message(thread=mine, visitor=mine.visitor, content="x")
    assert ids(api.get("threads/list?unread=true")) == {str(mine.pk)}
    for query in ("state=gone", "type=SONG", "unread=maybe", "agent=x", "colour=red", "ordering=topic"):
        assert api.get(f"threads/list?{query}").status_code == 400


class TestBeginning:
    def test_a_thread_with_a_new_visitor_is_the_callers(self, api, agent):
        body = {"type": "AGENT", "visitor": {"nickname": "Zoë", "email": "z@example.com"}, "topic": "Hi"}
        made = api.post("threads/create", body).json()
        assert made["state"] == "open" and made["agent"]["id"] == str(agent.pk)
        assert made["user"]["nickname"] == "Zoë" and made["unreadCount"] == 0
        event = Event.objects.get(type="thread.created")
        assert event.data["thread"]["uid"] == made["uid"] and event.data["action"] == "created"
        assert "unreadCount" not in event.data["thread"]

    def test_a_thread_of_a_team_waits_in_its_queue(self, api, agent):
        team, known = factories.team(), visitor()
        body = {"type": "WORKGROUP", "visitor": str(known.pk), "team": {"id": str(team.pk)}}
        made = api.post("threads/create", body).json()
        assert made["state"] == "queued" and made["agent"] is None and made["team"]["id"] == str(team.pk)

    def test_two_colleagues_see_each_other(self, api, agent):
        other = factories.agent(nickname="Bo")
        made = api.post("threads/create", {"type": "MEMBER", "agent": str(other.pk)}).json()
        assert made["user"]["nickname"] == "Bo"
        seen = as_user(other).get(f"threads/{made['id']}").json()
        assert seen["user"]["uid"] == str(agent.pk)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "type"),
            ({"type": "SONG"}, "type"),
            ({"type": "TICKET"}, "type"),
            ({"type": "AGENT"}, "visitor"),
            ({"type": "AGENT", "visitor": {}}, "visitor"),
            ({"type": "AGENT", "visitor": "00000000-0000-7000-8000-000000000000"}, "visitor"),
            ({"type": "AGENT", "visitor": {"nickname": "x", "email": "x"}}, "visitor.email"),
            ({"type": "AGENT", "visitor": {"nickname": "x" * 200}}, "visitor.nickname"),
            ({"type": "AGENT", "visitor": {"nickname": "x", "avatar": "javascript:1"}}, "visitor.avatar"),
            ({"type": "AGENT", "visitor": {"nickname": "x"}, "topic": "x" * 301}, "topic"),
            ({"type": "WORKGROUP", "visitor": {"nickname": "x"}}, "team"),
            ({"type": "WORKGROUP", "team": "00000000-0000-7000-8000-000000000000"}, "team"),
            ({"type": "MEMBER"}, "agent"),
            ({"type": "MEMBER", "agent": "00000000-0000-7000-8000-000000000000"}, "agent"),
            ({"type": "AGENT", "colour": "red"}, "colour"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, api, body, field):
        response = api.post("threads/create", body)
        assert response.status_code == 400, response.content
        assert response.json()["errors"][0]["field"] == field

    def test_nobody_talks_with_himself_or_with_who_is_gone(self, api, agent):
        for other in (agent, factories.agent(is_active=False)):
            response = api.post("threads/create", {"type": "MEMBER", "agent": str(other.pk)})
            assert response.json()["errors"][0]["field"] == "agent"

    def test_a_token_limited_to_teams_begins_threads_of_these(self, agent):
        ours, theirs = factories.team(), factories.team()
        agent.teams.add(ours, theirs)
        limited = as_user(agent, team_ids=[ours.pk])
        body = {"type": "WORKGROUP", "visitor": {"nickname": "x"}}
        assert limited.post("threads/create", body | {"team": str(ours.pk)}).status_code == 200
        assert limited.post("threads/create", body | {"team": str(theirs.pk)}).status_code == 400


def state(response) -> tuple:
    shown = response.json()
    return response.status_code, shown.get("state") or shown["code"]


class TestStates:
    def test_a_life_of_a_thread(self, agent):
        agent.teams.add(team := factories.team())
        api, talk = as_user(agent), thread(team=team)
        path = f"threads/{talk.pk}"
        assert state(api.post(f"{path}/accept")) == (200, "open")
        assert state(api.post(f"{path}/accept")) == (200, "open")  # one's own: nothing happens
        assert state(api.post(f"{path}/reopen")) == (409, "invalid_state")
        assert state(api.post(f"{path}/close")) == (200, "closed")
        assert state(api.post(f"{path}/close")) == (409, "invalid_state")
        assert state(api.post(f"{path}/accept")) == (409, "invalid_state")
        assert state(api.post(f"{path}/transfer", {"team": str(team.pk)})) == (409, "invalid_state")
        assert state(api.post(f"{path}/reopen")) == (200, "open")
        assert state(api.post(f"{path}/transfer", {"team": str(team.pk)})) == (200, "queued")
        told = Event.objects.filter(object_type="thread").order_by("id")
        actions = ["created", "accepted", "closed", "reopened", "transferred"]
        assert [event.data["action"] for event in told] == actions
        assert [event.type for event in told] == [f"thread.{action}" for action in actions]

    def test_what_another_has_is_not_accepted(self, api):
        talk = thread(agent=factories.agent())
        assert state(api.post(f"threads/{talk.pk}/accept")) == (409, "invalid_state")

    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_accept_at_once_one_wins(self):
        talk = thread()
        agents = [factories.agent(teams=[talk.team]) for _ in range(6)]
        apis = [as_user(each) for each in agents]
        answers = in_parallel(6, lambda number: (number, apis[number].post(f"threads/{talk.pk}/accept")))
        won = [number for number, answer in answers if answer.status_code == 200]
        assert len(won) == 1 and {answer.status_code for _, answer in answers} == {200, 409}
        assert Thread.objects.get(pk=talk.pk).agent == agents[won[0]]
        assert Event.objects.filter(type="thread.accepted").count() == 1

    def test_a_transfer_is_told_to_who_has_the_thread_now(self, api, agent):
        ours, theirs, other = factories.team(), factories.team(), factories.agent()
        talk = thread(team=ours, agent=agent, type="WORKGROUP")
        body = {"team": str(theirs.pk), "agent": {"id": str(other.pk)}}
        moved = api.post(f"threads/{talk.pk}/transfer", body).json()
        assert moved["agent"]["id"] == str(other.pk) and moved["state"] == "open"
        assert api.get(f"threads/{talk.pk}").status_code == 404  # it is theirs now
        assert set(Event.objects.get(type="thread.transferred").audience) == {
            "messages/all", f"messages/team:{theirs.pk}", f"messages/user:{other.pk}",
        }  # fmt: skip

    @pytest.mark.parametrize("body", [{}, {"agent": "x"}, {"agent": None}, {"team": 5}, {"colour": "red"}])
    def test_a_transfer_to_nobody_is_refused(self, api, agent, body):
        assert api.post(f"threads/{thread(agent=agent).pk}/transfer", body).status_code == 400

    @pytest.mark.parametrize("action", ["accept", "close", "reopen", "transfer"])
    def test_the_thread_of_a_ticket_is_the_tickets(self, api, action):
        talk = thread(type="TICKET")
        body = {"agent": str(factories.agent().pk)} if action == "transfer" else {}
        assert state(api.post(f"threads/{talk.pk}/{action}", body)) == (409, "invalid_state")

    @pytest.mark.parametrize("action", ["accept", "close", "reopen", "transfer", "read"])
    def test_what_one_may_not_see_is_not_found(self, api, action):
        body = {"agent": str(factories.agent().pk)} if action == "transfer" else {}
        for id in (thread().pk, "00000000-0000-7000-8000-000000000000", "x"):
            assert api.post(f"threads/{id}/{action}", body).status_code == 404


class TestReading:
    def test_unread_is_counted_for_each(self, api, agent, admin_api):
        talk = thread(agent=agent)
        for number in range(3):
            services.send_message(thread=talk, visitor=talk.visitor, content=str(number))
        path = f"threads/{talk.pk}"
        assert api.post(f"{path}/read", {"seq": 2}).json()["unreadCount"] == 1
        assert api.post(f"{path}/read", {"seq": 1}).json()["unreadCount"] == 1  # never back
        assert api.post(f"{path}/read", {"seq": 99}).json()["unreadCount"] == 0  # no further than there is
        services.send_message(thread=talk, visitor=talk.visitor, content="more")
        assert api.post(f"{path}/read").json()["unreadCount"] == 0
        assert admin_api.get(path).json()["unreadCount"] == 4
        told = Event.objects.filter(type="thread.read").order_by("id")
        assert [event.data["seq"] for event in told] == [2, 3, 4]
        assert told[0].audience == [f"messages/user:{agent.pk}"]

    def test_what_one_has_written_is_read(self, api, agent):
        talk = thread(agent=agent)
        api.post("messages/send", {"thread": str(talk.pk), "content": "Hi"})
        assert api.get(f"threads/{talk.pk}").json()["unreadCount"] == 0

    @pytest.mark.parametrize("seq", [-1, 2**31, 1.5, "1", True])
    def test_a_seq_is_a_whole_number(self, api, agent, seq):
        response = api.post(f"threads/{thread(agent=agent).pk}/read", {"seq": seq})
        assert response.json()["errors"][0]["field"] == "seq"


class TestVisitors:
    def test_a_visitor_is_found_and_changed(self, api):
        known = visitor("Zoë", email="zoe@example.com", external_id="crm-7")
        assert (
            ids(api.get("visitors/list?q=zo"))
            == ids(api.get("visitors/list?externalId=crm-7"))
            == {str(known.pk)}
        )
        etag = api.get(f"visitors/{known.pk}")["ETag"]
        changed = api.put(f"visitors/{known.pk}", {"nickname": "佐伊"}, headers={"If-Match": etag})
        assert changed.json()["nickname"] == "佐伊" and changed.json()["externalId"] == "crm-7"
        stale = api.put(f"visitors/{known.pk}", {"nickname": "x"}, headers={"If-Match": etag})
        assert stale.status_code == 412
        assert api.put(f"visitors/{known.pk}", {"email": "x"}).status_code == 400
        assert api.get("visitors/00000000-0000-7000-8000-000000000000").status_code == 404

    def test_contact_and_custom_fields_are_changed_and_told_by_name(self, api):
        known = visitor("Zoë", email="zoe@example.com")
        fields = {"plan": "gold", "seats": 3, "trial": False, "note": None}
        sent = {"phone": "+86 10 1234", "language": "zh-CN", "customFields": fields}
        assert api.put(f"visitors/{known.pk}", sent).status_code == 200
        shown = api.get(f"visitors/{known.pk}").json()
        assert {name: shown[name] for name in sent} == sent and shown["email"] == "zoe@example.com"
        assert api.put(f"visitors/{known.pk}", shown).json()["updatedAt"] == shown["updatedAt"]
        [event] = Event.objects.filter(type="visitor.updated")
        assert event.data["changed"] == ["phone", "language", "customFields"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"phone": "1" * 41},
            {"language": "x" * 21},
            {"customFields": []},
            {"customFields": {"a": {"b": 1}}},
            {"customFields": {"": 1}},
            {"customFields": {"a": "x" * 501}},
            {"customFields": {"a": "\x00"}},
            {"customFields": {str(number): number for number in range(31)}},
        ],
    )
    def test_fields_that_do_not_fit_are_refused(self, api, changes):
        known = visitor("Zoë")
        assert api.put(f"visitors/{known.pk}", changes).status_code == 400
        assert api.get(f"visitors/{known.pk}").json()["customFields"] == {}

    def test_a_token_limited_to_teams_sees_who_wrote_to_them(self, agent):
        ours = thread()
        visitor("Stranger")
        limited = as_user(agent, team_ids=[ours.team_id])
        agent.teams.add(ours.team)
        assert ids(limited.get("visitors/list")) == {str(ours.visitor_id)}

    @pytest.mark.parametrize("who", [{"external_id": "e"}, {"email": "A@b.com"}])
    def test_who_returns_is_the_same(self, who):
        first = visitor("First", **who)
        assert services.get_or_create_visitor(nickname="Again", **who) == first
        assert Visitor.objects.get().nickname == "First"

    def test_a_user_who_asks_is_a_visitor_too(self, agent):
        first = services.get_or_create_visitor(user=agent)
        assert services.get_or_create_visitor(user=agent) == first and first.email == agent.email

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("who", [{"external_id": "e"}, {"email": "a@b.com"}])
    def test_two_at_once_make_one(self, who):
        made = in_parallel(8, lambda number: services.get_or_create_visitor(nickname=str(number), **who))
        assert len({each.pk for each in made}) == 1 and Visitor.objects.count() == 1


@pytest.mark.parametrize("scopes", [["tickets:read"], ["messages:read"]])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "messages/list"), ("post", "messages/send"), ("get", "messages/{id}"),
        ("get", "threads/list"), ("get", "threads/{id}"), ("post", "threads/create"),
        ("post", "threads/{id}/accept"), ("post", "threads/{id}/transfer"), ("post", "threads/{id}/close"),
        ("post", "threads/{id}/reopen"), ("post", "threads/{id}/read"), ("get", "visitors/list"),
        ("get", "threads/queue"), ("post", "threads/{id}/takeover"), ("post", "threads/{id}/invite"),
        ("post", "threads/{id}/leave"), ("post", "threads/{id}/remove"),
        ("get", "visitors/{id}"), ("put", "visitors/{id}"),
    ],
)  # fmt: skip
def test_each_endpoint_asks_for_its_scope(agent, scopes, method, path):
    api = as_user(agent, scope_names=scopes)
    response = getattr(api, method)(
        path.format(id=thread(agent=agent).pk), *([{}] if method != "get" else [])
    )
    reads = method == "get" or path.endswith("/read")
    if scopes == ["messages:read"] and reads:
        assert response.status_code in (200, 404)
    else:
        assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
        assert response.json()["scope"] == ("messages:read" if reads else "messages:write")
