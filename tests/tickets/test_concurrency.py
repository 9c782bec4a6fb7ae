"""Two at once: nobody's write is lost, one key makes one ticket, counts and pages stay right."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from messaging.models import Thread
from messaging.services import send_message
from tests import factories
from tests.conftest import Api
from tests.tickets.test_visibility import kept_counts, real_counts
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, work) -> list:
    """Run `work(n)` in that many threads at the same time and return the answers."""

    def run(number: int):
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_two_agents_who_change_different_fields_lose_nothing():
    token = factories.token()
    path = f"tickets/{Api(token).post('tickets/create', {'title': 'x'}).json()['id']}"
    bodies = [{"priority": "high"}, {"status": "pending"}, {"tags": ["a"]}, {"type": "question"}] * 3
    answers = at_once(len(bodies), lambda n: Api(token).put(path, bodies[n]))
    assert {each.status_code for each in answers} == {200}
    shown = Api(token).get(path).json()
    for body in bodies:
        assert shown | body == shown
    assert shown["version"] == 5  # four changes; saying the same again is none


def test_of_writers_with_one_if_match_exactly_one_wins():
    token = factories.token()
    path = f"tickets/{Api(token).post('tickets/create', {'title': 'x'}).json()['id']}"
    answers = at_once(
        8, lambda n: Api(token).put(path, {"title": f"Title {n}"}, headers={"If-Match": '"v1"'}).status_code
    )
    assert sorted(answers) == [200] + [412] * 7


def test_one_idempotency_key_makes_one_ticket_also_in_parallel():
    token = factories.token()

    def create(title: str = "x"):
        return Api(token).post("tickets/create", {"title": title}, headers={"Idempotency-Key": "key-1"})

    answers = at_once(8, lambda n: create())
    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    assert Ticket.objects.count() == 1
    assert create()["ETag"] == '"v1"'
    other = create("another title")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


def test_one_new_requester_in_parallel_is_one_visitor():
    token = factories.token()
    body = {"title": "x", "requester": {"email": "new@example.com"}}
    made = at_once(8, lambda n: Api(token).post("tickets/create", body).json())
    assert len({each["requester"]["id"] for each in made}) == 1
    own = at_once(8, lambda n: Api(token).post("tickets/create", {"title": "x"}).json())
    assert len({each["requester"]["id"] for each in own}) == 1


def test_a_ticket_goes_into_the_bin_while_it_is_answered_first():
    api = Api(factories.token())
    for _ in range(12):  # each first answer writes the thread, then the ticket
        made = api.post("tickets/create", {"title": "x"}).json()
        thread = Thread.objects.get(pk=made["thread"])
        send_message(thread=thread, visitor=thread.visitor, content="Anybody there?")

        def work(number: int, made=made) -> int:
            if number % 2:
                return api.delete(f"tickets/{made['id']}").status_code
            return api.post("messages/send", {"thread": made["thread"], "content": "x"}).status_code

        assert set(at_once(4, work)) <= {200, 404}


def test_the_kept_counts_are_exact_after_parallel_writes():
    owner, team = factories.agent(), factories.team()
    owner.teams.add(team)
    token = factories.token(owner)

    def work(number: int) -> None:
        api = Api(token)
        for each in range(6):
            body = {
                "title": "x",
                "team": str(team.pk) if each % 2 else None,
                "assignee": "me" if number % 2 else None,
            }
            made = api.post("tickets/create", body).json()
            if each % 3 == 0:
                api.put(f"tickets/{made['id']}", {"team": str(team.pk)})
            if each % 3 == 1:
                api.delete(f"tickets/{made['id']}")

    at_once(8, work)
    assert kept_counts() == real_counts()
    assert Api(token).get("tickets/list")["X-Total-Count"] == "32"
