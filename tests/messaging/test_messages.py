"""`/api/messages/*`: sending, numbering, resending, listing."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from events.models import Event
from messaging import services
from messaging.models import Message, Thread
from tests import factories
from tests.messaging.conversations import ids, thread, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(agent):
    """A thread between a visitor and the agent of `api`."""
    return thread(agent=agent)


def test_a_message_is_sent_and_read_back(api, agent, talk):
    body = {"thread": str(talk.pk), "content": "你好 שלום 👩‍👩‍👧", "clientId": "c-1"}
    response = api.post("messages/send", body)
    sent = response.json()
    assert response.status_code == 200
    assert sent["content"] == body["content"] and sent["clientId"] == "c-1" and sent["seq"] == 1
    assert sent["type"] == "text" and sent["visibility"] == "public"
    assert sent["thread"] == sent["threadUid"] == str(talk.pk) and sent["id"] == sent["uid"]
    assert sent["user"]["uid"] == str(agent.pk) and sent["user"]["type"] == "agent"
    assert api.get(f"messages/{sent['id']}").json() == sent
    assert api.get(f"messages/list?thread={talk.pk}").json() == [sent]


def test_create_is_another_name_of_send(api, talk):
    assert api.post("messages/create", {"threadUid": str(talk.pk), "content": "Hi"}).json()["seq"] == 1


def test_a_list_costs_one_statement_for_the_caller_and_one_for_the_page(api, talk, django_assert_num_queries):
    for number in range(5):
        services.send_message(thread=talk, user=talk.agent, content=str(number))
    for path in (f"messages/list?thread={talk.pk}&after=2", "messages/list", "messages/list?q=3"):
        with django_assert_num_queries(2):
            assert api.get(path).json()


def test_sending_costs_a_fixed_number_of_statements(api, talk, django_assert_num_queries):
    # The caller; then savepoint, the message (numbered, stored, marked and shown by one), event, release.
    with django_assert_num_queries(5):
        api.post("messages/send", {"thread": str(talk.pk), "content": "Hi"})


def test_the_messages_after_a_seq_are_what_a_client_has_missed(api, talk):
    for number in range(1, 8):
        services.send_message(thread=talk, user=talk.agent, content=str(number))
    page = api.get(f"messages/list?thread={talk.pk}&after=3&limit=2")
    assert [each["seq"] for each in page.json()] == [4, 5]
    rest = api.get(page["Link"].split("/api/")[2].split(">")[0])
    assert [each["seq"] for each in rest.json()] == [6, 7]
    newest = api.get(f"messages/list?thread={talk.pk}&ordering=-seq&limit=2").json()
    assert [each["seq"] for each in newest] == [7, 6]
    assert api.get(f"messages/list?thread={talk.pk}&after=7").json() == []
    assert api.get(f"messages/list?thread={talk.pk}&limit=2")["X-Total-Count"] == "7"
    assert page["X-Total-Count"] == "4"


@pytest.mark.parametrize(
    "query",
    [
        "after=1",
        "thread=x",
        "thread={id}&after=x",
        "thread={id}&after=-1",
        "visibility=secret",
        "type=song",
        "colour=red",
    ],
)
def test_an_unknown_parameter_or_value_is_named(api, talk, query):
    response = api.get("messages/list?" + query.format(id=talk.pk))
    assert response.status_code == 400
    assert response.json()["parameter"] in query


@pytest.mark.parametrize("words", ["退款", "refund", "REFUND", "שלום"])
def test_messages_are_found_by_a_part_of_their_text(api, talk, words):
    services.send_message(thread=talk, user=talk.agent, content="Nothing here")
    found = services.send_message(thread=talk, user=talk.agent, content="我要退款 refund please שלום")
    assert ids(api.get(f"messages/list?q={words}")) == {str(found["id"])}
    assert api.get("messages/list?q=100%25").json() == []


class TestResending:
    def test_the_same_client_id_stores_one_message(self, api, talk):
        body = {"thread": str(talk.pk), "content": "Hi", "clientId": "c-1"}
        first = api.post("messages/send", body).json()
        again = api.post("messages/send", body | {"content": "Hi again"})
        assert (again.status_code, again.json()) == (200, first)
        assert Message.objects.count() == 1 and Event.objects.filter(type="message.created").count() == 1
        assert Thread.objects.get(pk=talk.pk).last_seq == 1

    def test_it_finds_the_first_message_in_a_closed_thread_too(self, api, talk):
        body = {"thread": str(talk.pk), "content": "Hi", "clientId": "c-1"}
        first = api.post("messages/send", body).json()
        services.close_thread(thread_id=talk.pk, actor=None)
        assert api.post("messages/send", body).json() == first
        refused = api.post("messages/send", body | {"clientId": "c-2"})
        assert (refused.status_code, refused.json()["code"]) == (409, "invalid_state")
        assert Thread.objects.get(pk=talk.pk).last_seq == 1

    def test_another_senders_client_id_loses_nobodys_message(self, api, admin_api, talk):
        body = {"thread": str(talk.pk), "content": "Hi", "clientId": "1"}
        api.post("messages/send", body)
        other = admin_api.post("messages/send", body | {"content": "Other"})
        assert (other.status_code, other.json()["code"]) == (409, "already_exists")

    def test_another_thread_has_its_own_client_ids(self, api, agent, talk):
        for each in (talk, thread(agent=agent)):
            api.post("messages/send", {"thread": str(each.pk), "content": "Hi", "clientId": "1"})
        assert Message.objects.count() == 2


def in_parallel(count: int, work) -> list:
    """Run `work(number)` in threads that start at once; return what they return."""
    start, results = threading.Barrier(count), []

    def run(number: int) -> None:
        start.wait()
        try:
            results.append(work(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(results) == count
    return results


@pytest.mark.django_db(transaction=True)
class TestInParallel:
    def test_twenty_resends_store_one_message(self, api, talk):
        body = {"thread": str(talk.pk), "content": "Hi", "clientId": "c-1"}
        answers = in_parallel(20, lambda number: api.post("messages/send", body))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert Message.objects.count() == 1 and Thread.objects.get(pk=talk.pk).last_seq == 1
        assert Event.objects.filter(type="message.created").count() == 1

    def test_parallel_senders_leave_no_gap_and_no_double(self, talk):
        def send(number: int) -> list[int]:
            who = {"user": talk.agent} if number % 2 else {"visitor": talk.visitor}
            return [
                services.send_message(thread=talk.pk, content="x", client_id=f"{number}-{n // 2}", **who)[
                    "seq"
                ]
                for n in range(10)  # each one twice
            ]

        sent = in_parallel(10, send)
        seqs = list(Message.objects.filter(thread=talk).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, 51)) and Thread.objects.get(pk=talk.pk).last_seq == 50
        for mine in sent:
            assert mine[::2] == mine[1::2] == sorted(mine[::2])
        events = Event.objects.filter(type="message.created").order_by("transaction", "id")
        assert sorted(event.data["seq"] for event in events) == seqs


class TestNotes:
    def test_a_note_is_no_news_for_the_visitor_or_the_parent_page(self, api, talk):
        services.send_message(thread=talk, visitor=talk.visitor, content="Help!")
        api.post("messages/send", {"thread": str(talk.pk), "content": "Rude one", "visibility": "internal"})
        shown = api.get(f"threads/{talk.pk}").json()
        assert shown["content"] == "Help!" and shown["lastSeq"] == 2
        assert shown["firstResponseAt"] is None  # a note answers nobody

    def test_a_visitor_writes_none(self, talk):
        from api.errors import Problem

        with pytest.raises(Problem):
            services.send_message(thread=talk, visitor=talk.visitor, content="x", visibility="internal")


def test_the_first_answer_to_a_visitor_is_noted(api, talk):
    services.send_message(thread=talk, user=talk.agent, content="Anybody there?")
    assert Thread.objects.get(pk=talk.pk).first_response_at is None
    services.send_message(thread=talk, visitor=talk.visitor, content="Yes")
    services.send_message(thread=talk, user=talk.agent, content="Good")
    first = Thread.objects.get(pk=talk.pk)
    assert first.first_visitor_at < first.first_response_at
    services.send_message(thread=talk, user=talk.agent, content="So?")
    assert Thread.objects.get(pk=talk.pk).first_response_at == first.first_response_at


def test_a_visitor_who_writes_reopens_a_closed_thread(api, talk):
    services.close_thread(thread_id=talk.pk, actor=None)
    services.send_message(thread=talk, visitor=talk.visitor, content="One more thing")
    assert api.get(f"threads/{talk.pk}").json()["state"] == "open"
    assert Event.objects.filter(type="thread.reopened").count() == 1


def test_a_message_may_be_of_the_past(talk):
    past = timezone.now() - timezone.timedelta(days=9)
    sent = services.send_message(thread=talk, visitor=talk.visitor, content="Old", created_at=past)
    assert sent["createdAt"] == past
    assert Thread.objects.get(pk=talk.pk).last_message_at == past


def test_a_message_is_told_to_exactly_those_who_may_read_it(agent):
    team = factories.team()
    talk = thread(team=team, agent=agent, type="WORKGROUP")
    services.send_message(thread=talk, user=agent, content="Hi")
    services.send_message(thread=talk, user=agent, content="A note", visibility="internal")
    people = ["messages/all", f"messages/team:{team.pk}", f"messages/user:{agent.pk}"]
    public, note = Event.objects.filter(type="message.created").order_by("id")
    assert public.audience == [*people, f"chat/visitor:{talk.visitor_id}"] and note.audience == people


def test_what_two_colleagues_say_is_told_to_them_alone(agent):
    other = factories.agent()
    talk = services.create_thread(type="MEMBER", agent=other, actor=agent)
    services.send_message(thread=talk, user=agent, content="Psst")
    audience = Event.objects.get(type="message.created").audience
    assert set(audience) == {f"messages/user:{agent.pk}", f"messages/user:{other.pk}"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "content"),
        ({"content": "x"}, "thread"),
        ({"thread": "x", "content": "x"}, "thread"),
        ({"content": " \n"}, "content"),
        ({"content": "x" * 20_001}, "content"),
        ({"content": 5}, "content"),
        ({"content": "x", "type": "song"}, "type"),
        ({"content": "x", "visibility": "secret"}, "visibility"),
        ({"content": "x", "clientId": "c" * 65}, "clientId"),
        ({"content": "javascript:alert(1)", "type": "image"}, "content"),
        ({"content": "x", "colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_field(api, talk, body, field):
    body = body if body in ({}, {"content": "x"}) or "thread" in body else body | {"thread": str(talk.pk)}
    response = api.post("messages/send", body)
    assert response.status_code == 400 and response.json()["errors"][0]["field"] == field
    assert not Message.objects.exists()


def test_to_a_thread_that_one_may_not_see_nobody_sends(api):
    hidden = thread(team=factories.team())
    for path in (str(hidden.pk), "00000000-0000-7000-8000-000000000000"):
        response = api.post("messages/send", {"thread": path, "content": "x"})
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    services.send_message(thread=hidden, visitor=hidden.visitor, content="secret")
    assert api.get(f"messages/list?thread={hidden.pk}").json() == api.get("messages/list").json() == []
    assert api.get(f"messages/{Message.objects.get().pk}").status_code == 404


def test_an_idempotency_key_answers_twice_and_stores_once(api, talk):
    body = {"thread": str(talk.pk), "content": "Hi", "clientId": "c"}
    answers = [api.post("messages/send", body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].content == answers[1].content and Message.objects.count() == 1
    api.post("messages/send", body, headers={"Idempotency-Key": "k2"})
    assert Message.objects.count() == 1 and Thread.objects.get().last_seq == 1


def test_a_message_whose_sender_is_gone_is_shown(api, talk):
    other = visitor("Gone")
    services.send_message(thread=talk, visitor=other, content="Bye")
    other.delete()
    assert api.get(f"messages/list?thread={talk.pk}").json()[0]["user"] is None
