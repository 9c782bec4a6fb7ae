"""Mentioning colleagues in notes, and finding where one is mentioned."""

import pytest

from events.models import Event
from messaging import services
from tests import factories
from tests.messaging.conversations import as_user, ids, thread

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def talk(agent):
    return thread(agent=agent)  # of no team: every agent sees it


@pytest.fixture
def note(api, talk):
    """A function that writes a note in the thread and returns the answer."""

    def write(content: str = "Look", **more):
        body = {"thread": str(talk.pk), "content": content, "visibility": "internal"} | more
        return api.post("messages/send", body)

    return write


def test_who_is_mentioned_finds_the_note_and_hears_of_it(note, api):
    bo, cy = factories.agent(nickname="Bo"), factories.agent(username="cy.li")
    sent = note(mentions=[str(bo.pk), {"id": str(cy.pk)}, str(bo.pk)]).json()
    shown = [{"id": str(bo.pk), "nickname": "Bo"}, {"id": str(cy.pk), "nickname": "cy.li"}]
    assert sorted(sent["mentions"], key=str) == sorted(shown, key=str)
    note("Somebody else")
    assert ids(as_user(bo).get("messages/list?mentions=me")) == {sent["id"]}
    assert ids(api.get(f"messages/list?mentions={cy.pk}")) == {sent["id"]}
    assert api.get("messages/list?mentions=me").json() == []
    event = Event.objects.filter(type="message.created").earliest("id")
    assert event.data["mentions"] == sent["mentions"]


def test_a_username_in_a_note_is_a_mention(note):
    bo = factories.agent(username="Bo.Li")
    cy, ming = factories.agent(username="cy@example.com"), factories.agent(username="小明")
    for text, named in (
        ("@bo.li please", [bo]), ("请@BO.LI看", [bo]), ("请看 @bo.li。", [bo]), ("Ask @Bo.Li.", [bo]),
        ("@小明", [ming]), ("(@bo.li, @cy@example.com)", [bo, cy]),
        ("mail me@bo.li", []), ("@bo", []), ("@@", []), ("@nobody", []),
    ):  # fmt: skip
        found = {each["id"] for each in note(text).json()["mentions"]}
        assert found == {str(each.pk) for each in named}, text


def test_who_cannot_see_the_thread_is_refused_by_id_and_just_text_by_name(agent):
    agent.teams.add(team := factories.team())
    talk, outsider, member = thread(team=team), factories.agent(username="out"), factories.agent(teams=[team])
    gone = factories.agent(teams=[team], is_active=False)
    api = as_user(agent)
    body = {"thread": str(talk.pk), "content": "@out", "visibility": "internal"}
    refused = api.post(
        "messages/send", body | {"mentions": [str(outsider.pk), str(member.pk), NOBODY, str(gone.pk)]}
    )
    assert refused.status_code == 400
    told = {each["detail"].split()[0 if each["code"] == "not_permitted" else -1].rstrip(".")
            for each in refused.json()["errors"]}  # fmt: skip
    assert told == {str(outsider.pk), NOBODY, str(gone.pk)}
    assert api.post("messages/send", body).json()["mentions"] == []
    sent = api.post("messages/send", body | {"mentions": [str(member.pk)]}).json()
    assert sent["seq"] == 2  # what was refused gave its number back


def test_what_the_visitor_reads_mentions_nobody(note, agent):
    bo = factories.agent(username="bo")
    refused = note(visibility="public", mentions=[str(bo.pk)])
    assert refused.json()["errors"][0]["field"] == "mentions"
    assert note("@bo", visibility="public").json()["mentions"] == []


def test_two_colleagues_mention_each_other_and_nobody_else(agent):
    bo, boss = factories.agent(), factories.supervisor()
    talk = services.create_thread(type="MEMBER", agent=bo, actor=agent)
    body = {"thread": str(talk.pk), "content": "Look"}
    api = as_user(agent)
    assert len(api.post("messages/send", body | {"mentions": [str(bo.pk)]}).json()["mentions"]) == 1
    assert api.post("messages/send", body | {"mentions": [str(boss.pk)]}).status_code == 400


def test_a_note_that_is_edited_mentions_who_is_named_now_too_and_a_recalled_one_nobody(note, api):
    bo, cy = factories.agent(username="bo"), factories.agent(username="cy")
    sent = note("@bo").json()
    edited = api.put(f"messages/{sent['id']}", {"content": "@bo @cy"}).json()
    assert {each["id"] for each in edited["mentions"]} == {str(bo.pk), str(cy.pk)}
    assert api.post(f"messages/{sent['id']}/recall").json()["mentions"] == []
    assert as_user(bo).get("messages/list?mentions=me").json() == []


def test_a_list_with_mentions_costs_one_statement_for_the_page(note, api, django_assert_num_queries):
    people = [factories.agent() for _ in range(3)]
    for _ in range(3):
        note(mentions=[str(each.pk) for each in people])
    for path in ("messages/list", f"messages/list?mentions={people[0].pk}"):
        with django_assert_num_queries(2):
            assert len(api.get(path).json()) == 3


@pytest.mark.parametrize("given", ["x", "me,x", ""])
def test_whom_nobody_can_be_is_refused(api, given):
    assert api.get("messages/list", {"mentions": given}).status_code == 400
