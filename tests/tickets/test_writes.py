"""Creating, changing and deleting tickets as the token page's clients do."""

import pytest

from accounts.models import User
from events.models import Event
from messaging.models import Thread, Visitor
from tests import factories
from tests.conftest import Api
from tickets.models import Ticket
from tickets.services import empty_bin

pytestmark = pytest.mark.django_db

PAGE_SNIPPET = {"title": "New Ticket Title", "content": "Ticket content description", "priority": "medium"}


def test_the_token_pages_create_answers_200_with_the_whole_ticket(api, agent):
    response = api.post("tickets/create", PAGE_SNIPPET)
    made = response.json()
    assert response.status_code == 200
    assert made | PAGE_SNIPPET == made
    assert (made["status"], made["version"], made["uid"]) == ("open", 1, made["id"])
    assert made["requester"]["nickname"] == agent.username
    assert response["ETag"] == '"v1"'
    assert api.get(f"tickets/{made['id']}").json() == made
    assert api.get("tickets/list").json() == [made]


def test_creating_costs_one_statement_for_the_caller_one_for_the_requester_and_two_to_write(
    api, django_assert_num_queries
):
    api.post("tickets/create", PAGE_SNIPPET)
    with django_assert_num_queries(6):  # and the two of the savepoint a test's transaction asks for
        api.post("tickets/create", PAGE_SNIPPET)


def test_a_ticket_has_a_thread_and_an_event(api, agent):
    made = api.post("tickets/create", PAGE_SNIPPET).json()
    thread = Thread.objects.get(pk=made["thread"])
    assert (thread.type, thread.topic) == ("TICKET", "New Ticket Title")
    event = Event.objects.get(object_id=made["id"])
    assert (event.type, event.actor_id) == ("ticket.created", agent.pk)
    assert event.data["number"] == made["number"]
    assert "content" not in event.data
    assert set(event.audience) == {"tickets/all", "tickets/noteam"}


def test_every_field_that_may_be_written_is_kept(api, agent):
    team = factories.team()
    agent.teams.add(team)
    given = {
        "title": "退款申请 / Refund",
        "content": "订单还没有到",
        "priority": "urgent",
        "status": "pending",
        "type": "question",
        "tags": [" vip ", "退款", "vip"],
        "customFields": {"order": 17, "nested": {"a": [1, None]}},
        "dueAt": "2031-05-01T10:00:00+02:00",
        "assignee": "me",
        "team": str(team.pk),
        "requester": {"nickname": "王芳", "email": "wang@example.com"},
    }
    made = api.post("tickets/create", given).json()
    assert made["tags"] == ["vip", "退款"]
    assert made["dueAt"] == "2031-05-01T08:00:00Z"
    assert made["customFields"] == given["customFields"]
    assert made["assignee"]["id"] == str(agent.pk)
    assert made["team"] == {"id": str(team.pk), "name": team.name}
    assert made["requester"]["email"] == "wang@example.com"
    again = api.post("tickets/create", given).json()
    assert again["requester"]["id"] == made["requester"]["id"]
    assert Visitor.objects.filter(email="wang@example.com").count() == 1


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "title", "required"),
        ({"title": " "}, "title", "blank"),
        ({"title": "x" * 301}, "title", "max_length"),
        ({"title": 5}, "title", "invalid"),
        ({"content": "x" * 100_001}, "content", "max_length"),
        ({"priority": "highest"}, "priority", "invalid_choice"),
        ({"priority": 3}, "priority", "invalid_choice"),
        ({"status": ["open"]}, "status", "invalid_choice"),
        ({"tags": "vip"}, "tags", "invalid"),
        ({"tags": ["x" * 41]}, "tags", "max_length"),
        ({"tags": [str(n) for n in range(21)]}, "tags", "too_many"),
        ({"customFields": []}, "customFields", "invalid"),
        ({"customFields": {"a": "x" * 17_000}}, "customFields", "too_large"),
        ({"customFields": {"a": 10**30}}, "customFields", "invalid"),
        ({"dueAt": "tomorrow"}, "dueAt", "invalid"),
        ({"assignee": "somebody"}, "assignee", "invalid"),
        ({"assignee": "01890000-0000-7000-8000-000000000000"}, "assignee", "not_found"),
        ({"requester": "01890000-0000-7000-8000-000000000000"}, "requester", "not_found"),
        ({"requester": {}}, "requester", "required"),
        ({"requester": {"email": "nobody"}}, "requester", "invalid"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_a_wrong_field_is_named(api, body, field, code):
    response = api.post("tickets/create", {"title": "x"} | body if body else {})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (400, "validation_failed")
    assert [(each["field"], each["code"]) for each in problem["errors"]] == [(field, code)]
    assert not Ticket.objects.exists()


def test_an_inactive_user_gets_no_ticket(api):
    gone = factories.agent(is_active=False)
    problem = api.post("tickets/create", {"title": "x", "assignee": str(gone.pk)}).json()
    assert problem["errors"][0]["code"] == "user_inactive"


@pytest.mark.parametrize("method", ["put", "patch"])
def test_an_update_changes_the_fields_that_are_sent(api, method):
    made = api.post("tickets/create", PAGE_SNIPPET).json()
    response = getattr(api, method)(f"tickets/{made['id']}", {"priority": "high"})
    changed = response.json()
    assert (changed["priority"], changed["title"], changed["version"]) == ("high", made["title"], 2)
    assert changed["updatedAt"] > made["updatedAt"]
    assert response["ETag"] == '"v2"'
    event = Event.objects.filter(object_id=made["id"]).latest("id")
    assert (event.type, event.data["changes"]) == ("ticket.updated", {"priority": ["medium", "high"]})


def test_a_ticket_sent_back_whole_changes_nothing(api, agent):
    made = api.post("tickets/create", PAGE_SNIPPET | {"assignee": "me", "customFields": {"a": 1.5}}).json()
    User.objects.filter(pk=agent.pk).update(nickname="New name")
    again = api.put(f"tickets/{made['id']}", made)
    assert (again.status_code, again.json()["version"]) == (200, 1)
    assert Event.objects.filter(object_id=made["id"]).count() == 1


def test_times_follow_the_status(api):
    made = api.post("tickets/create", PAGE_SNIPPET).json()

    def now(status: str) -> tuple[bool, bool, bool]:
        shown = api.put(f"tickets/{made['id']}", {"status": status}).json()
        return tuple(shown[name] is not None for name in ("firstResponseAt", "resolvedAt", "closedAt"))

    assert now("pending") == (False, False, False)
    assert now("resolved") == (True, True, False)
    assert now("closed") == (True, True, True)
    assert now("open") == (True, False, False)


def test_messages_of_a_ticket_are_those_of_its_thread_and_the_first_answer_is_its_first_response(api):
    made = api.post("tickets/create", PAGE_SNIPPET).json()
    sent = api.post("messages/send", {"thread": made["thread"], "content": "We are looking into it."})
    assert sent.status_code == 200, sent.content
    messages = api.get(f"tickets/{made['id']}/messages")
    assert [each["content"] for each in messages.json()] == ["We are looking into it."]
    assert api.get(f"tickets/{made['id']}").json()["firstResponseAt"] is not None


def test_the_first_response_comes_from_the_thread(api):
    made = api.post("tickets/create", PAGE_SNIPPET).json()
    Thread.objects.filter(pk=made["thread"]).update(first_response_at="2031-01-01T00:00:00Z")
    shown = api.get(f"tickets/{made['id']}").json()
    assert (shown["firstResponseAt"], shown["version"]) == ("2031-01-01T00:00:00Z", 2)


def test_if_match_refuses_a_write_on_another_version(api):
    made = api.post("tickets/create", PAGE_SNIPPET).json()
    path = f"tickets/{made['id']}"
    assert api.put(path, {"title": "One"}, headers={"If-Match": '"v1"'}).status_code == 200
    late = api.put(path, {"title": "Two"}, headers={"If-Match": '"v1"'})
    assert (late.status_code, late.json()["code"], late["ETag"]) == (412, "conflict", '"v2"')
    assert late.json()["current"]["title"] == "One"
    assert api.delete(path, headers={"If-Match": '"v1"'}).status_code == 412
    assert api.put(path, {"title": "Two"}, headers={"If-Match": '"v2"'}).status_code == 200


def test_delete_moves_to_the_bin_and_an_admin_restores(api, admin_api):
    made = api.post("tickets/create", PAGE_SNIPPET).json()
    path = f"tickets/{made['id']}"
    response = api.delete(path)
    assert (response.status_code, response.json()) == (200, {"id": made["id"], "deleted": True})
    for again in (api.get(path), api.put(path, {"title": "x"}), api.delete(path)):
        assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert api.get("tickets/list").json() == []
    assert api.post(f"{path}/restore").status_code == 403
    assert admin_api.post(f"{path}/restore").json()["title"] == made["title"]
    assert admin_api.post(f"{path}/restore").status_code == 404
    assert api.get(path).status_code == 200
    types = Event.objects.filter(object_id=made["id"]).order_by("id").values_list("type", flat=True)
    assert list(types) == ["ticket.created", "ticket.deleted", "ticket.restored"]


def test_the_bin_is_emptied_after_thirty_days(api):
    old, young = (api.post("tickets/create", PAGE_SNIPPET).json() for _ in range(2))
    for each in (old, young):
        api.delete(f"tickets/{each['id']}")
    Ticket.objects.filter(pk=old["id"]).update(deleted_at="2020-01-01T00:00:00Z")
    assert empty_bin() == 1
    assert list(Ticket.objects.values_list("pk", flat=True).filter(pk=young["id"])) != []
    assert not Thread.objects.filter(pk=old["thread"]).exists()


def test_the_history_of_a_ticket_is_its_events_newest_first(api):
    made = api.post("tickets/create", PAGE_SNIPPET).json()
    for number in range(55):
        api.put(f"tickets/{made['id']}", {"title": f"Title {number}"})
    first = api.get(f"tickets/{made['id']}/history")
    events = first.json()
    assert (len(events), events[0]["data"]["title"]) == (50, "Title 54")
    cursor = first["Link"].split("cursor=")[1].split(">")[0]
    rest = api.get(f"tickets/{made['id']}/history", {"cursor": cursor}).json()
    assert [each["type"] for each in rest[-1:]] == ["ticket.created"]
    assert len(rest) == 6


def test_ids_that_are_none_find_nothing(api):
    for path in ("tickets/nonsense", "tickets/01890000-0000-7000-8000-000000000000", "tickets/0/history"):
        assert api.get(path).status_code == 404


def test_a_token_that_only_reads_may_not_write(agent):
    api = Api(factories.token(agent, scope_names=["tickets:read"]))
    refused = api.post("tickets/create", PAGE_SNIPPET)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert not Ticket.objects.exists()
