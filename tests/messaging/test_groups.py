"""Groups of colleagues: who is in one sees, hears and writes in it, and nobody else, whatever the role."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import change_user, set_status
from events.models import Event
from messaging import services
from messaging.models import ReadMark, Thread, ThreadParticipant
from messaging.services import routing, timers
from messaging.services.groups import MOST
from settings_app.queries import forget_kept
from settings_app.services import change_settings
from tests import factories
from tests.messaging.conversations import as_user, ids, thread
from tests.messaging.test_participants import hears
from tests.messaging.test_routing import actions, available, now_of
from tests.messaging.test_timers import set_chat
from tests.streams import listen, settle
from tests.tickets.test_concurrency import at_once

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def bo():
    return factories.agent(username="bo", nickname="Bo")


@pytest.fixture
def cy():
    return factories.supervisor(username="cy", nickname="Cy")


@pytest.fixture
def group(agent, bo, cy) -> Thread:
    agent.nickname = "Ann"
    agent.save()
    return services.begin_group(topic="Lunch 午饭 🍜", members=[bo, cy], actor=agent)


def said(talk: Thread) -> list[str]:
    return list(talk.messages.order_by("seq").values_list("content", flat=True))


def unread(user, talk: Thread) -> int:
    return as_user(user).get(f"threads/{talk.pk}").json()["unreadCount"]


class TestBeginning:
    def test_its_members_are_who_begins_it_and_who_is_named(self, api, agent, bo, cy):
        body = {"type": "GROUP", "topic": " Lunch ", "members": [str(bo.pk), {"id": str(cy.pk)}, str(bo.pk)]}
        made = api.post("threads/create", body).json()
        assert (made["type"], made["state"], made["topic"], made["agent"], made["team"]) == (
            "GROUP", "open", "Lunch", None, None,
        )  # fmt: skip
        assert [each["id"] for each in made["participants"]] == [str(each.pk) for each in (agent, bo, cy)]
        # What parent pages show of a conversation is its `user`: of a group, the group.
        assert made["user"] == {"id": made["id"], "uid": made["id"], "nickname": "Lunch", "avatar": ""}
        assert made["content"] == f"{agent.username} began this group with Bo, Cy."
        assert (made["lastSeq"], made["unreadCount"]) == (1, 0)
        event = Event.objects.get(type="thread.created")
        assert sorted(event.audience) == sorted(f"messages/user:{each.pk}" for each in (agent, bo, cy))
        assert event.data["thread"]["user"] == made["user"]

    @pytest.mark.parametrize(
        ("body", "field", "code"),
        [
            ({}, "topic", "blank"),
            ({"topic": " \t"}, "topic", "blank"),
            ({"topic": "x" * 301}, "topic", "too_long"),
            ({"members": []}, "members", "required"),
            ({"members": ["{me}"]}, "members", "required"),
            ({"members": [NOBODY]}, "members", "not_found"),
            ({"members": ["{gone}"]}, "members", "user_inactive"),
            ({"agent": "{bo}"}, "agent", "invalid"),
            ({"team": "{team}"}, "team", "invalid"),
            ({"visitor": {"nickname": "x"}}, "visitor", "invalid"),
            ({"skills": ["x"]}, "skills", "invalid"),
            ({"members": [NOBODY] * 51}, "members", "invalid"),
            ({"members": ["x"]}, "members[0]", "invalid"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, api, agent, bo, body, field, code):
        known = {"me": agent, "bo": bo, "gone": factories.agent(is_active=False), "team": factories.team()}

        def filled(value):
            return str(known[value[1:-1]].pk) if isinstance(value, str) and value[:1] == "{" else value

        given = {"type": "GROUP", "members": ["{bo}"], **({"topic": "Lunch"} if body else {})} | body
        given = {
            name: list(map(filled, value)) if isinstance(value, list) else filled(value)
            for name, value in given.items()
        }
        refused = api.post("threads/create", given)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.content
        assert refused.json()["errors"][0]["code"] == code
        assert not Thread.objects.exists() and not ThreadParticipant.objects.exists()

    def test_only_a_group_has_members(self, api, bo):
        body = {"type": "MEMBER", "agent": str(bo.pk), "members": [str(bo.pk)]}
        assert api.post("threads/create", body).json()["errors"][0]["field"] == "members"

    def test_a_token_limited_to_teams_begins_none_and_sees_none(self, group, agent):
        agent.teams.add(team := factories.team())
        limited = as_user(agent, team_ids=[team.pk])
        body = {"type": "GROUP", "topic": "x", "members": [str(group.participant_ids[1])]}
        assert limited.post("threads/create", body).json()["errors"][0]["field"] == "team"
        assert limited.get(f"threads/{group.pk}").status_code == 404
        assert not hears(limited, Event.objects.get(type="message.created"))

    def test_a_double_click_with_one_key_begins_one(self, api, bo):
        body = {"type": "GROUP", "topic": "x", "members": [str(bo.pk)]}
        first, second = (
            api.post("threads/create", body, headers={"Idempotency-Key": "k"}).json() for _ in "ab"
        )
        assert first == second and Thread.objects.count() == 1

    def test_it_holds_50_people(self, api, agent):
        people = [factories.agent() for _ in range(MOST)]
        body = {"type": "GROUP", "topic": "x", "members": [str(each.pk) for each in people]}
        assert api.post("threads/create", body).json()["errors"][0]["code"] == "too_many"
        made = api.post("threads/create", body | {"members": body["members"][:-1]}).json()
        assert len(made["participants"]) == MOST
        refused = api.post(f"threads/{made['id']}/invite", {"agent": str(people[-1].pk)})
        assert refused.json()["errors"][0]["code"] == "too_many"


class TestItsMembers:
    def test_alone_see_hear_search_and_write(self, group, agent, bo, admin_api):
        services.send_message(thread=group, user=agent, content="Noodles at noon")
        sent = Event.objects.filter(type="message.created").latest("id")
        for each in (admin_api, as_user(factories.supervisor()), as_user(factories.agent())):
            assert each.get(f"threads/{group.pk}").status_code == 404
            assert each.get(f"messages/{sent.object_id}").status_code == 404
            assert each.get(f"messages/list?thread={group.pk}").json() == []
            for path in ("threads/list", "threads/list?q=Lunch", "messages/list", "messages/list?q=Noodles"):
                assert each.get(path).json() == [], path
            assert each.post("messages/send", {"thread": str(group.pk), "content": "x"}).status_code == 404
            for what in ("read", "leave", "typing", "invite", "remove"):
                body = {"agent": str(bo.pk)} if what in ("invite", "remove") else {}
                assert each.post(f"threads/{group.pk}/{what}", body).status_code == 404
            assert not hears(each, sent)
        for member in (agent, bo):
            each = as_user(member)
            for path in ("threads/list", "threads/list?q=lunch", "threads/list?participant=me&type=GROUP"):
                assert ids(each.get(path)) == {str(group.pk)}, path
            assert ids(each.get("messages/list?q=noodles")) == {sent.object_id} and hears(each, sent)
            assert each.post("messages/send", {"thread": str(group.pk), "content": "x"}).status_code == 200

    def test_are_in_nobodys_admin_and_in_no_audit_log(self, group, admin):
        from django.contrib.admin import site
        from django.test import RequestFactory

        request = RequestFactory().get("/admin/")
        request.user = admin
        for model in (Thread, group.messages.model):
            assert not site.get_model_admin(model).get_queryset(request).exists()
        services.leave(thread_id=group.pk, actor=group.created_by)
        shown = site.get_model_admin(Event).get_queryset(request)
        assert set(shown.values_list("type", flat=True)) == {"user.created"}

    def test_have_each_their_own_mark(self, group, agent, bo, cy):
        for number in range(3):
            services.send_message(thread=group, user=bo, content=str(number))
        assert [unread(each, group) for each in (agent, bo, cy)] == [3, 0, 4]
        assert ids(as_user(cy).get("threads/list?unread=true")) == {str(group.pk)}
        assert as_user(cy).post(f"threads/{group.pk}/read", {"seq": 2}).json()["unreadCount"] == 2
        read = Event.objects.get(type="thread.read")
        assert hears(as_user(cy), read) and not hears(as_user(bo), read)
        assert [unread(each, group) for each in (agent, bo, cy)] == [3, 0, 2]

    def test_mention_each_other_and_nobody_else(self, group, agent, bo, admin):
        body = {"thread": str(group.pk), "content": f"@bo, or @{admin.username}?"}
        api = as_user(agent)
        assert [each["nickname"] for each in api.post("messages/send", body).json()["mentions"]] == ["Bo"]
        assert len(as_user(bo).get("messages/list?mentions=me").json()) == 1
        assert api.post("messages/send", body | {"mentions": [str(admin.pk)]}).status_code == 400

    def test_recall_their_own_words_alone(self, group, agent, cy):
        sent = services.send_message(thread=group, user=agent, content="Secret")
        refused = as_user(cy).post(f"messages/{sent['id']}/recall")  # a supervisor, but not here
        assert (refused.status_code, refused.json()["code"]) == (403, "role_not_permitted")
        assert as_user(agent).post(f"messages/{sent['id']}/recall").json()["content"] == ""

    def test_each_add_a_colleague_who_reads_it_all_and_has_nothing_new_before(self, group, agent, bo):
        services.send_message(thread=group, user=agent, content="Noodles")
        dee = factories.agent(nickname="Dee")
        api = as_user(bo)
        for _ in range(2):  # a double click
            shown = api.post(f"threads/{group.pk}/invite", {"agent": str(dee.pk)}).json()
        assert [each["nickname"] for each in shown["participants"]] == ["Ann", "Bo", "Cy", "Dee"]
        assert said(group)[2:] == ["Bo added Dee."]
        assert actions(group) == ["created", "invited"]
        assert len(as_user(dee).get(f"messages/list?thread={group.pk}").json()) == 3
        # What a member does is no news to it, where it had read what was before.
        assert [unread(each, group) for each in (dee, bo, agent)] == [1, 3, 1]
        assert hears(as_user(dee), Event.objects.get(type="thread.invited"))

    def test_add_nobody_who_is_gone(self, group, bo):
        for who in (str(factories.agent(is_active=False).pk), NOBODY):
            refused = as_user(bo).post(f"threads/{group.pk}/invite", {"agent": who})
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "agent")

    def test_each_name_it(self, group, agent, bo):
        shown = as_user(bo).put(f"threads/{group.pk}", {"topic": " Dinner "}).json()
        assert (shown["topic"], shown["user"]["nickname"]) == ("Dinner", "Dinner")
        assert said(group)[1:] == ["Bo named the group “Dinner”."]
        as_user(bo).put(f"threads/{group.pk}", {"topic": "Dinner", "tags": ["food"]})
        assert len(said(group)) == 2
        for name in ("", "  ", "x" * 301):
            refused = as_user(bo).put(f"threads/{group.pk}", {"topic": name})
            assert refused.json()["errors"][0]["field"] == "topic"

    def test_hear_in_the_desks_language_who_came_and_left(self, group, agent, bo, admin):
        change_settings(group="general", values={"language": "zh-hans"}, actor=admin)
        forget_kept()
        dee = factories.agent(nickname="Dee")
        services.invite(thread_id=group.pk, agent=dee, actor=agent)
        services.remove_participant(thread_id=group.pk, agent=bo, actor=dee)
        services.change_thread(thread_id=group.pk, changes={"topic": "晚饭"}, actor=dee)
        services.leave(thread_id=group.pk, actor=dee)
        assert said(group)[1:] == [
            "Ann 添加了 Dee。",
            "Dee 移除了 Bo。",
            "Dee 将群聊命名为“晚饭”。",
            "Dee 退出了群聊。",
        ]

    def test_may_be_out_of_service_for_a_while(self, group, agent, bo, admin):
        change_user(user_id=bo.pk, changes={"active": False}, actor=admin)
        assert len(as_user(agent).get(f"threads/{group.pk}").json()["participants"]) == 3
        change_user(user_id=bo.pk, changes={"active": True}, actor=admin)
        assert as_user(bo).get(f"threads/{group.pk}").status_code == 200

    def test_send_files_to_each_other_and_to_nobody_else(self, group, agent, bo, admin_api):
        from tests.messaging.uploads import png, upload

        made = upload(as_user(agent), png())["id"]
        services.send_message(thread=group, user=agent, attachment=made, type="")
        assert as_user(bo).get(f"attachments/{made}").status_code == 200
        assert admin_api.get(f"attachments/{made}").status_code == 404


class TestGoing:
    def test_who_leaves_or_is_removed_sees_and_hears_nothing_more(self, group, agent, bo, cy):
        assert as_user(bo).post(f"threads/{group.pk}/leave").status_code == 200
        body = {"agent": str(cy.pk)}
        assert as_user(agent).post(f"threads/{group.pk}/remove", body).status_code == 200
        services.send_message(thread=group, user=agent, content="Alone")
        assert said(group)[1:] == ["Bo left the group.", "Ann removed Cy.", "Alone"]
        for gone in (bo, cy):
            api = as_user(gone)
            assert api.get(f"threads/{group.pk}").status_code == 404
            assert api.get("threads/list?type=GROUP").json() == api.get("messages/list").json() == []
            assert not hears(api, Event.objects.filter(type="message.created").latest("id"))
            assert api.post(f"threads/{group.pk}/leave").status_code == 404
            told = Event.objects.filter(object_type__in=["thread", "message"]).order_by("id")
            heard = [each.type for each in told if hears(api, each)]
            assert heard[-1] == "thread.moved_away" and heard.count("thread.moved_away") == 1
        refused = as_user(agent).post(f"threads/{group.pk}/remove", body)
        assert refused.json()["code"] == "invalid_state"

    def test_who_began_it_goes_like_everybody_else(self, group, agent, bo):
        as_user(bo).post(f"threads/{group.pk}/remove", {"agent": str(agent.pk)})
        assert as_user(agent).get(f"threads/{group.pk}").status_code == 404
        assert as_user(agent).get("threads/list").json() == []
        assert not hears(as_user(agent), Event.objects.filter(type="thread.left").latest("id"))

    def test_who_comes_back_has_new_what_was_said_since(self, group, agent, bo):
        services.leave(thread_id=group.pk, actor=bo)
        services.send_message(thread=group, user=agent, content="x")
        services.invite(thread_id=group.pk, agent=bo, actor=agent)
        assert unread(bo, group) == 1 and len(as_user(bo).get("messages/list").json()) == 4
        assert ReadMark.objects.filter(thread=group, user=bo).count() == 1

    def test_the_last_one_closes_it(self, group, agent, bo, cy):
        for each in (bo, cy, agent):
            services.leave(thread_id=group.pk, actor=each)
        group.refresh_from_db()
        assert (group.state, group.participant_ids) == ("closed", []) and group.closed_at
        assert actions(group)[-2:] == ["left", "closed"]
        assert Event.objects.latest("id").audience == []
        assert as_user(agent).get(f"threads/{group.pk}").status_code == 404

    def test_what_is_said_ends_at_once_on_the_stream_that_is_open(self, desk, bo):
        ann = factories.agent()
        talk = services.begin_group(topic="x", members=[bo], actor=ann)

        def leave() -> None:
            services.send_message(thread=talk, user=ann, content="Before")
            settle()
            services.remove_participant(thread_id=talk.pk, agent=bo, actor=ann)
            services.send_message(thread=talk, user=ann, content="After")
            settle()

        stream = listen(desk.url, as_user(bo).token, leave, until=2, seconds=4, only="message.created")
        assert [event["data"]["content"] for event in stream.events] == ["Before"]


@pytest.mark.parametrize(
    ("what", "body"),
    [("accept", {}), ("takeover", {}), ("close", {}), ("reopen", {}), ("transfer", {"agent": "{bo}"}),
     ("transfer", {"team": "{team}"})],
)  # fmt: skip
def test_nothing_that_is_done_with_a_visitors_conversation_is_done_with_a_group(group, agent, bo, what, body):
    team = factories.team()
    body = {name: value.format(bo=bo.pk, team=team.pk) for name, value in body.items()}
    refused = as_user(agent).post(f"threads/{group.pk}/{what}", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_state")
    group.refresh_from_db()
    assert (group.state, group.agent, group.team) == ("open", None, None)


class TestTheWorkOfTheDesk:
    """Nothing that moves, counts or ends conversations with visitors touches a group."""

    def test_clocks_and_people_who_go_leave_it_alone(self, group, agent, admin):
        services.send_message(thread=group, user=agent, content="x")
        old = timezone.now() - timedelta(days=9)
        Thread.objects.update(last_message_at=old, updated_at=old)
        set_chat(admin, autoCloseMinutes=5)
        before = Event.objects.count()
        assert (timers.close_silent(), timers.overflow(), routing.sweep()) == (0, 0, 0)
        assert routing.return_threads(agent.pk) == 0
        assert Event.objects.count() == before and now_of(group) == ("open", None)

    def test_it_takes_no_place_and_is_in_no_queue(self, bo, api):
        team = factories.team()
        ann = available(team, capacity=1)
        group = services.begin_group(topic="x", members=[bo], actor=ann)
        services.send_message(thread=group, user=ann, content="x")
        waiting = thread(team=team)
        assert routing.sweep() == 1 and now_of(waiting) == ("open", ann)
        assert as_user(factories.admin()).get(f"users/{ann.pk}").json()["openChats"] == 1
        assert api.get("threads/list?waiting=true").json() == []
        queues = as_user(factories.admin()).get("threads/queue").json()
        assert queues and all(each["team"] and not each["waiting"] for each in queues)
        set_status(user=ann, status="OFFLINE")
        assert now_of(group) == ("open", None)

    def test_no_figure_counts_it(self, group, agent, bo, admin_api):
        services.send_message(thread=group, user=agent, content="x")
        services.leave(thread_id=group.pk, actor=bo)
        figures = admin_api.get("statistics/overview").json()
        assert not [name for name, each in figures.items() if isinstance(each, dict) and each.get("value")]


def test_a_page_with_groups_costs_two_statements(group, agent, django_assert_num_queries):
    more = services.begin_group(topic="x", members=[factories.agent() for _ in range(9)], actor=agent)
    thread(agent=agent)
    services.create_thread(type="MEMBER", agent=factories.agent(), actor=agent)
    for api, count in ((as_user(agent), 4), (as_user(factories.admin()), 1)):
        with django_assert_num_queries(2):
            assert len(api.get("threads/list").json()) == count
    shown = {each["id"]: each for each in as_user(agent).get("threads/list?type=GROUP").json()}
    assert len(shown[str(more.pk)]["participants"]) == 10


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_many_who_are_added_and_removed_each_is_in_it_once_or_not_at_all(self):
        people = [factories.agent() for _ in range(6)]
        new = [factories.agent() for _ in range(3)]
        talk = services.begin_group(topic="x", members=people[1:], actor=people[0])
        apis = [as_user(each) for each in people]

        def change(number: int) -> int:
            body = {"agent": str(new[number % 3].pk)}
            what = "invite" if number % 4 else "remove"
            return apis[number % 6].post(f"threads/{talk.pk}/{what}", body).status_code

        assert set(at_once(12, change)) <= {200, 409}
        talk.refresh_from_db()
        rows = list(ThreadParticipant.objects.filter(thread=talk).values_list("user_id", flat=True))
        assert sorted(rows) == sorted(talk.participant_ids) and len(rows) == len(set(rows))
        # One message for each change, and no gap in the numbers.
        changes = Event.objects.filter(object_id=str(talk.pk), type__in=("thread.invited", "thread.left"))
        assert talk.last_seq == talk.messages.count() == 1 + changes.count()

    def test_when_all_leave_the_last_one_closes_it(self):
        people = [factories.agent() for _ in range(5)]
        talk = services.begin_group(topic="x", members=people[1:], actor=people[0])
        apis = [as_user(each) for each in people]
        assert set(at_once(5, lambda number: apis[number].post(f"threads/{talk.pk}/leave").status_code)) == {
            200
        }
        talk.refresh_from_db()
        assert (talk.state, talk.participant_ids) == ("closed", [])
        assert Event.objects.filter(type="thread.closed").count() == 1
