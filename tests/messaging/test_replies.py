"""`/api/replies/*`: whose they are, who sees and writes them, and what is filled in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from events.models import Event
from messaging import services
from messaging.models import CannedReply
from tests import factories
from tests.admin_pages import AdminPages
from tests.messaging.conversations import as_user, ids, thread, visitor
from tests.messaging.test_privacy import hears

pytestmark = pytest.mark.django_db
HELLO = {"shortcut": "hello", "content": "Hello {{visitor.nickname}}"}


@pytest.fixture
def team():
    return factories.team("Deliveries")


@pytest.fixture
def replies(agent, team):
    """One reply of each scope: the personal one is the agent's of `api`, who is not in the team."""
    supervisor = factories.supervisor()
    made = {
        "personal": services.create_reply(shortcut="mine", content="x", actor=agent),
        "team": services.create_reply(shortcut="ours", content="x", team=team.pk, actor=supervisor),
        "shared": services.create_reply(shortcut="all", content="x", scope="shared", actor=supervisor),
    }
    return {name: str(reply.pk) for name, reply in made.items()}


def refusal(response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_reply_is_created_read_changed_and_deleted(api):
    made = api.post("replies/create", HELLO | {"title": "Greeting"})
    reply = made.json()
    assert made.status_code == 200 and reply["scope"] == "personal" and reply["team"] is None
    assert reply["id"] == reply["uid"] and reply | HELLO | {"title": "Greeting"} == reply
    path = f"replies/{reply['id']}"
    assert api.get(path).json() == reply and api.get(path)["ETag"] == made["ETag"]
    changed = api.patch(path, reply | {"content": "Hi"}).json()
    assert changed["content"] == "Hi" and changed["updatedAt"] > reply["updatedAt"]
    assert api.delete(path).json() == {"id": reply["id"], "deleted": True}
    assert api.get(path).status_code == 404
    heard = Event.objects.filter(object_id=reply["id"]).order_by("id")
    assert [each.type for each in heard] == ["reply.created", "reply.updated", "reply.deleted"]
    assert heard[1].data["content"] == "Hi" and heard[2].data == {"id": reply["id"], "uid": reply["id"]}


def test_saying_the_same_again_is_no_change(api, replies):
    path = f"replies/{replies['personal']}"
    api.put(path, api.get(path).json())
    assert not Event.objects.filter(type="reply.updated").exists()


def test_a_list_costs_one_statement_for_the_caller_and_one_for_the_page(
    api, replies, django_assert_num_queries
):
    for query in ("", "?q=x&scope=personal,shared", "?ordering=shortcut&limit=1"):
        with django_assert_num_queries(2):
            assert api.get(f"replies/list{query}").json()


def test_rendering_costs_a_fixed_number_of_statements(api, agent, replies, django_assert_num_queries):
    talk = thread(agent=agent)
    path = f"replies/{replies['personal']}/render"
    api.post(path, {"thread": str(talk.pk)})  # the desk's name is remembered from here on
    with django_assert_num_queries(3):
        assert api.post(path, {"thread": str(talk.pk)}).json() == {"content": "x", "attachments": []}


class TestList:
    def test_it_is_narrowed_by_scope_team_and_text(self, admin_api, replies, team):
        assert ids(admin_api.get("replies/list?scope=team")) == {replies["team"]}
        assert ids(admin_api.get("replies/list?scope=team,shared")) == {replies["team"], replies["shared"]}
        assert ids(admin_api.get(f"replies/list?team={team.pk}")) == {replies["team"]}
        assert ids(admin_api.get("replies/list?team=none")) == {replies["shared"]}
        assert ids(admin_api.get("replies/list?q=OUR")) == {replies["team"]}
        assert ids(admin_api.get("replies/list?q=%25")) == set()

    @pytest.mark.parametrize(
        "query", ["scope=mine", "scope=", "team=x", "q=", "owner=me", "ordering=content"]
    )
    def test_an_unknown_parameter_or_value_is_named(self, api, query):
        response = api.get(f"replies/list?{query}")
        assert response.status_code == 400 and response.json()["parameter"] in query

    @pytest.mark.parametrize("ordering", ["shortcut", "-shortcut", "createdAt", "-updatedAt"])
    def test_pages_follow_each_other(self, api, agent, ordering):
        for name in "bdace":
            services.create_reply(shortcut=name, content=name, actor=agent)
        seen, path = [], f"replies/list?limit=2&ordering={ordering}"
        while path:
            page = api.get(path)
            seen += [each["shortcut"] for each in page.json()]
            following = [each for each in page["Link"].split(", ") if 'rel="next"' in each]
            path = following[0].split("/api/")[1].split(">")[0] if following else ""
        assert sorted(seen) == list("abcde")
        assert "hortcut" not in ordering or seen in (list("abcde"), list("edcba"))


class TestWhoMayWhat:
    def person(self, who: str, team, agent):
        return {
            "owner": lambda: as_user(agent),
            "member": lambda: as_user(factories.agent(teams=[team])),
            "agent": lambda: as_user(factories.agent()),
            "supervisor": lambda: as_user(factories.supervisor()),
            "admin": lambda: as_user(factories.admin()),
            "limited supervisor": lambda: as_user(factories.supervisor(), team_ids=[team.pk]),
            "limited member": lambda: as_user(factories.agent(teams=[team]), team_ids=[team.pk]),
            "limited elsewhere": lambda: as_user(factories.supervisor(), team_ids=[factories.team().pk]),
        }[who]()

    @pytest.mark.parametrize(
        ("who", "seen", "written"),
        [
            ("owner", {"personal", "shared"}, {"personal"}),
            ("member", {"team", "shared"}, {"team"}),
            ("agent", {"shared"}, set()),
            ("supervisor", {"team", "shared"}, {"team", "shared"}),
            ("admin", {"team", "shared"}, {"team", "shared"}),
            ("limited supervisor", {"team"}, {"team"}),
            ("limited member", {"team"}, {"team"}),
            ("limited elsewhere", set(), set()),
        ],
    )
    def test_each_scope_is_seen_and_written_by_its_people(self, replies, team, agent, who, seen, written):
        caller = self.person(who, team, agent)
        assert ids(caller.get("replies/list")) == {replies[name] for name in seen}
        for name, reply_id in replies.items():
            path = f"replies/{reply_id}"
            expected = 200 if name in written else 403 if name in seen else 404
            assert caller.get(path).status_code == (200 if name in seen else 404)
            assert caller.put(path, {"title": "New"}).status_code == expected
            made = Event.objects.get(type="reply.created", object_id=reply_id)
            assert hears(caller, made) == (name in seen)
            assert caller.delete(path).status_code == expected

    @pytest.mark.parametrize(
        ("who", "made"),
        [
            ("member", {"personal", "team"}),
            ("agent", {"personal"}),
            ("supervisor", {"personal", "team", "shared"}),
            ("admin", {"personal", "team", "shared"}),
            ("limited supervisor", {"team"}),
            ("limited member", {"team"}),
            ("limited elsewhere", set()),
        ],
    )
    def test_each_scope_is_made_by_its_people(self, team, agent, who, made):
        caller = self.person(who, team, agent)
        for scope in ("personal", "team", "shared"):
            body = HELLO | {"scope": scope} | ({"team": {"id": str(team.pk)}} if scope == "team" else {})
            response = caller.post("replies/create", body)
            assert response.status_code == (200 if scope in made else 403), response.content
        assert CannedReply.objects.count() == len(made)

    def test_the_scope_of_messages_is_needed(self, agent, replies):
        path = f"replies/{replies['personal']}"
        reader = as_user(agent, scope_names=["messages:read"])
        for response in (reader.post("replies/create", HELLO), reader.put(path, HELLO), reader.delete(path)):
            assert refusal(response) == (403, "insufficient_scope")
        body = {"thread": str(thread(agent=agent).pk)}
        assert reader.post(f"{path}/render", body).status_code == 200
        other = as_user(agent, scope_names=["tickets:read"])
        assert refusal(other.get("replies/list")) == (403, "insufficient_scope")

    def test_nobody_gives_a_reply_to_whom_he_may_not_write_for(self, api, replies, team):
        path = f"replies/{replies['personal']}"
        assert refusal(api.put(path, {"scope": "shared"})) == (403, "role_not_permitted")
        assert refusal(api.put(path, {"team": str(team.pk)})) == (403, "role_not_permitted")
        assert CannedReply.objects.get(pk=replies["personal"]).owner_id


class TestMovingBetweenScopes:
    def test_who_sees_it_no_more_hears_only_that_it_is_gone(self, replies, team):
        path = f"replies/{replies['shared']}"
        member, other = as_user(factories.agent(teams=[team])), as_user(factories.agent())
        changed = (
            as_user(factories.supervisor()).put(path, {"team": str(team.pk), "content": "Secret"}).json()
        )
        assert changed["scope"] == "team" and changed["team"] == {"id": str(team.pk), "name": team.name}
        gone, updated = Event.objects.filter(object_id=replies["shared"]).order_by("id")[1:]
        assert (gone.type, updated.type) == ("reply.moved_away", "reply.updated")
        assert "content" not in gone.data and updated.data["content"] == "Secret"
        assert hears(other, gone) and not hears(other, updated) and hears(member, updated)
        assert other.get(path).status_code == 404

    def test_a_team_is_left_by_naming_another_scope(self, replies, team):
        supervisor = as_user(factories.supervisor())
        path = f"replies/{replies['team']}"
        assert supervisor.put(path, {"scope": "team"}).json()["team"]["id"] == str(team.pk)
        assert supervisor.put(path, {"team": None}).json()["errors"][0]["field"] == "team"
        assert supervisor.put(path, {"scope": "shared"}).json()["team"] is None
        assert supervisor.put(path, {"scope": "personal"}).json()["scope"] == "personal"


class TestShortcuts:
    @pytest.mark.parametrize(
        "shortcut", ["退款", "退款-2_b", "返品について", "환불", "Grüße", "二〇二六", "a" * 40]
    )
    def test_letters_digits_and_cjk_are_kept_and_found(self, api, shortcut):
        made = api.post("replies/create", HELLO | {"shortcut": f" {shortcut} "}).json()
        assert made["shortcut"] == shortcut
        assert ids(api.get("replies/list", {"q": shortcut[:2]})) == {made["id"]}

    @pytest.mark.parametrize(
        "shortcut", ["", " ", "a b", "/a", "a.b", "退款！", "🙂", "a" * 41, "<b>", "a\u200bb"]
    )
    def test_anything_else_is_refused(self, api, shortcut):
        response = api.post("replies/create", HELLO | {"shortcut": shortcut})
        assert response.status_code == 400 and response.json()["errors"][0]["field"] == "shortcut"

    def test_one_is_unique_within_its_scope_and_free_in_another(self, admin_api, team):
        scopes = ({}, {"scope": "shared"}, {"team": str(team.pk)}, {"team": str(factories.team().pk)})
        for scope in scopes:
            assert admin_api.post("replies/create", HELLO | scope).status_code == 200
        for scope in scopes:
            refused = admin_api.post("replies/create", HELLO | scope)
            assert refusal(refused) == (409, "already_exists")
            assert refused.json()["errors"][0]["field"] == "shortcut"
        assert as_user(factories.agent()).post("replies/create", HELLO).status_code == 200

    def test_two_spellings_of_one_sign_are_one(self, api):
        api.post("replies/create", HELLO | {"shortcut": "caf\u00e9"})
        again = api.post("replies/create", HELLO | {"shortcut": "cafe\u0301"})
        assert refusal(again) == (409, "already_exists")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": "x"}, "shortcut"),
        ({"shortcut": "x"}, "content"),
        (HELLO | {"content": " \n"}, "content"),
        (HELLO | {"content": "x" * 20_001}, "content"),
        (HELLO | {"title": "x" * 121}, "title"),
        (HELLO | {"scope": "world"}, "scope"),
        (HELLO | {"scope": "team"}, "team"),
        (HELLO | {"scope": "shared", "team": "00000000-0000-7000-8000-000000000000"}, "team"),
        (HELLO | {"team": "00000000-0000-7000-8000-000000000000"}, "team"),
        (HELLO | {"owner": "x"}, "owner"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_field(admin_api, body, field):
    response = admin_api.post("replies/create", body)
    assert response.status_code == 400 and response.json()["errors"][0]["field"] == field


class TestRendering:
    def rendered(self, api, agent, talk, content: str) -> str:
        reply = services.create_reply(shortcut="r", content=content, actor=agent)
        response = api.post(f"replies/{reply.pk}/render", {"thread": str(talk.pk)})
        assert response.status_code == 200, response.content
        return response.json()["content"]

    def test_what_is_known_is_filled_in(self, api, agent, team):
        type(agent).objects.filter(pk=agent.pk).update(nickname="小李")
        wang = visitor("小王", email="wang@example.com")
        talk = thread(team=team, agent=agent, visitor=wang, type="WORKGROUP")
        content = "{{visitor.nickname}}/{{ visitor.email }}/{{agent.nickname}}/{{team.name}}/{{desk.name}}"
        shown = self.rendered(api, agent, talk, content)
        assert shown == "小王/wang@example.com/小李/Deliveries/Inlay"

    def test_what_is_missing_is_empty_and_what_is_unknown_stays(self, api, agent):
        talk = services.create_thread(type="MEMBER", agent=factories.agent(), actor=agent)
        content = "[{{visitor.nickname}}{{team.name}}] {{visitor.password}} {{agent}} {visitor.email} {{}} %s"
        shown = self.rendered(api, agent, talk, content)
        assert shown == "[] {{visitor.password}} {{agent}} {visitor.email} {{}} %s"

    @pytest.mark.parametrize(
        "name",
        ["{{visitor.email}}", "{{desk.name}}", "{0.__class__}", "%(x)s", r"\1\g<0>", "$visitor", "{% now %}",
         "<script>alert(1)</script>"],
    )  # fmt: skip
    def test_a_value_is_never_a_template(self, api, agent, name):
        talk = thread(agent=agent, visitor=visitor(name, email="secret@example.com"))
        assert self.rendered(api, agent, talk, "Hi {{visitor.nickname}}!") == f"Hi {name}!"

    def test_values_that_meet_make_no_new_variable(self, api, agent):
        talk = thread(agent=agent, visitor=visitor("{{visitor", email="secret@example.com"))
        assert self.rendered(api, agent, talk, "{{visitor.nickname}}.email}}") == "{{visitor.email}}"

    @pytest.mark.parametrize(
        "content",
        ["{{visitor.__class__}}", "{{visitor.nickname|safe}}", "{{agent.password.x}}", "{{settings.key}}"],
    )
    def test_no_other_attribute_is_reached(self, api, agent, content):
        assert self.rendered(api, agent, thread(agent=agent), content) == content

    def test_only_a_thread_and_a_reply_that_one_sees(self, api, agent, replies):
        hidden = {"thread": str(thread().pk)}
        assert api.post(f"replies/{replies['personal']}/render", hidden).status_code == 404
        mine = {"thread": str(thread(agent=agent).pk)}
        assert api.post(f"replies/{replies['team']}/render", mine).status_code == 404
        assert api.post(f"replies/{replies['personal']}/render", {}).json()["errors"][0]["field"] == "thread"


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def at_once(self, count: int, work) -> list:
        def run(number: int):
            try:
                return work(number)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))

    def test_of_writers_with_one_if_match_exactly_one_wins(self, api):
        made = api.post("replies/create", HELLO)
        path, match = f"replies/{made.json()['id']}", {"If-Match": made["ETag"]}
        answers = self.at_once(6, lambda n: as_user_again(api).put(path, {"title": f"{n}"}, headers=match))
        assert sorted(each.status_code for each in answers) == [200] + [412] * 5
        lost = next(each for each in answers if each.status_code == 412).json()
        assert lost["code"] == "conflict" and lost["current"] == api.get(path).json()
        assert api.delete(path, headers=match).status_code == 412

    def test_different_fields_are_all_kept(self, api):
        path = f"replies/{api.post('replies/create', HELLO).json()['id']}"
        bodies = [{"title": "T"}, {"content": "C"}, {"shortcut": "S"}] * 2
        self.at_once(len(bodies), lambda n: as_user_again(api).put(path, bodies[n]))
        shown = api.get(path).json()
        assert (shown["title"], shown["content"], shown["shortcut"]) == ("T", "C", "S")

    def test_of_one_shortcut_one_is_made(self, api):
        answers = self.at_once(6, lambda n: as_user_again(api).post("replies/create", HELLO).status_code)
        assert sorted(answers) == [200] + [409] * 5


def as_user_again(api):
    """Return the same caller with a client of its own: one thread each."""
    return type(api)(api.token)


class TestAdmin:
    def test_replies_are_made_changed_and_deleted_by_their_admin(self, replies, team):
        pages = AdminPages()
        given = {"shortcut": "退款", "title": "Refund", "content": "OK", "team": str(team.pk)}
        assert pages.post("messaging/cannedreply/add/", given).status_code == 302
        made = CannedReply.objects.get(shortcut="退款")
        assert made.team == team
        page = f"messaging/cannedreply/{made.pk}/change/"
        assert "退款" in pages.said(page)
        assert pages.post(page, given | {"team": "", "content": "Fine"}).status_code == 302
        made.refresh_from_db()
        assert (made.team, made.content) == (None, "Fine")
        assert b"has this shortcut" in pages.post("messaging/cannedreply/add/", given | {"team": ""}).content
        pages.post("messaging/cannedreply/", {"_selected_action": [made.pk], "action": "remove_selected"})
        assert not CannedReply.objects.filter(pk=made.pk).exists()
        actors = Event.objects.filter(object_id=str(made.pk)).values_list("actor_id", flat=True)
        assert set(actors) == {pages.user.pk}

    def test_what_is_somebodys_own_is_not_in_it(self, replies):
        pages = AdminPages()
        listed = pages.said("messaging/cannedreply/")
        assert "/ours" in listed and "/all" in listed and "/mine" not in listed
        assert pages.get(f"messaging/cannedreply/{replies['personal']}/change/").status_code in (302, 404)
