"""`PUT /api/threads/{id}`, `GET /api/threads/tags`, and finding conversations by `tags=` and `q=`."""

import pytest
from django.db import connection

from events.models import Event
from messaging import services
from messaging.models import Thread, Visitor
from tests import factories
from tests.messaging.conversations import as_user, ids, thread, visitor

pytestmark = pytest.mark.django_db


class TestChanging:
    def test_topic_tags_and_summary_are_written_and_told_to_the_desk_alone(self, api, agent):
        talk = thread(agent=agent)
        body = {"topic": " 退款 ", "tags": ["vip", " vip ", "", "退货"], "summary": "Sent again by express."}
        changed = api.put(f"threads/{talk.pk}", body).json()
        assert (changed["topic"], changed["tags"]) == ("退款", ["vip", "退货"])
        assert changed["summary"] == "Sent again by express."
        assert api.get(f"threads/{talk.pk}").json() == changed
        (event,) = Event.objects.filter(type="thread.updated")
        assert event.data["action"] == "updated" and event.data["thread"]["tags"] == ["vip", "退货"]
        assert not any(channel.startswith("chat/") for channel in event.audience)
        assert "summary" not in Event.objects.filter(type="chat.thread").latest("id").data

    def test_what_is_not_sent_stays_and_what_is_the_same_is_no_event(self, api, agent):
        talk = thread(agent=agent, topic="Old")
        api.patch(f"threads/{talk.pk}", {"tags": ["vip"]})
        whole = api.get(f"threads/{talk.pk}").json()
        assert (whole["topic"], whole["tags"]) == ("Old", ["vip"])
        assert api.put(f"threads/{talk.pk}", whole).json() == whole
        assert Event.objects.filter(type="thread.updated").count() == 1

    def test_who_was_slower_gets_the_conversation_as_it_is(self, api, agent):
        path = f"threads/{thread(agent=agent).pk}"
        first = api.get(path)["ETag"]
        assert api.put(path, {"topic": "A"}, headers={"If-Match": first}).status_code == 200
        late = api.put(path, {"topic": "B"}, headers={"If-Match": first})
        assert (late.status_code, late.json()["current"]["topic"]) == (412, "A")

    def test_a_message_in_between_is_no_conflict(self, api, agent):
        talk = thread(agent=agent)
        tag = api.get(f"threads/{talk.pk}")["ETag"]
        services.send_message(thread=talk, visitor=talk.visitor, content="Hello?")
        answer = api.put(f"threads/{talk.pk}", {"summary": "Waits"}, headers={"If-Match": tag})
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"topic": "x" * 301}, "topic"), ({"summary": "x" * 5001}, "summary"), ({"topic": 5}, "topic"),
            ({"tags": "vip"}, "tags"), ({"tags": ["x" * 41]}, "tags"), ({"tags": ["a,b"]}, "tags"),
            ({"tags": [str(number) for number in range(21)]}, "tags"), ({"colour": "red"}, "colour"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_by_field(self, api, agent, body, field):
        answer = api.put(f"threads/{thread(agent=agent).pk}", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)

    def test_the_thread_of_a_ticket_is_the_tickets(self, api):
        answer = api.put(f"threads/{thread(type='TICKET').pk}", {"tags": ["vip"]})
        assert (answer.status_code, answer.json()["code"]) == (409, "invalid_state")

    def test_what_one_may_not_see_is_not_found(self, api):
        assert api.put(f"threads/{thread().pk}", {"tags": ["vip"]}).status_code == 404


class TestTags:
    def test_a_list_is_narrowed_to_all_of_some_tags(self, api, agent):
        one, both = thread(agent=agent), thread(agent=agent)
        services.change_thread(thread_id=one.pk, changes={"tags": ["vip"]}, actor=agent)
        services.change_thread(thread_id=both.pk, changes={"tags": ["vip", "退货"]}, actor=agent)
        thread(agent=agent)
        assert ids(api.get("threads/list?tags=vip")) == {str(one.pk), str(both.pk)}
        assert ids(api.get("threads/list?tags=vip,退货")) == {str(both.pk)}
        assert ids(api.get("threads/list?tags=vi%25' OR true --")) == set()

    def test_those_in_use_come_the_most_used_first_for_who_sees_them(self, agent, django_assert_num_queries):
        ours, theirs = factories.team(), factories.team()
        agent.teams.add(ours)
        for team, tags in ((ours, ["b"]), (ours, ["a", "b"]), (ours, ["c"]), (theirs, ["secret"])):
            services.change_thread(thread_id=thread(team=team).pk, changes={"tags": tags}, actor=agent)
        hidden = thread(team=ours)
        services.change_thread(thread_id=hidden.pk, changes={"tags": ["gone"]}, actor=agent)
        services.hide_thread(thread_id=hidden.pk, hidden=True)
        api = as_user(agent)
        with django_assert_num_queries(2):
            shown = api.get("threads/tags").json()
        assert shown == [{"tag": "b", "count": 2}, {"tag": "a", "count": 1}, {"tag": "c", "count": 1}]
        assert {"tag": "secret", "count": 1} in as_user(factories.admin()).get("threads/tags").json()


class TestFinding:
    @pytest.fixture
    def found(self, api):
        return lambda text: ids(api.get("threads/list", {"q": text}))

    def test_by_topic_nickname_or_email_in_any_script_and_length(self, agent, found):
        who = visitor("王小明 Zoë", email="zoe.w@example.com")
        talk = thread(agent=agent, visitor=who, topic="退款 refund 100%")
        thread(agent=agent)
        for text in ("refund", "REF", "re", "r", "退款", "退", "王", "小明", "王小明", "Zoë", "zo", "明 z",
                     "zoe.w@example", "w@", "100%", "efu"):  # fmt: skip
            assert str(talk.pk) in found(text), text
        for text in ("100_", "货", "00", "un", "efu!"):  # two letters are how a word begins
            assert str(talk.pk) not in found(text), text

    def test_a_new_name_or_topic_is_found_and_the_old_one_no_more(self, agent, found):
        talk = thread(agent=agent, visitor=visitor("Alpha"), topic="Gamma")
        services.change_visitor(visitor_id=talk.visitor_id, changes={"nickname": "Beta"})
        services.change_thread(thread_id=talk.pk, changes={"topic": "Delta"}, actor=agent)
        assert found("Alpha") == found("Gamma") == set()
        assert found("Beta") == found("Delta") == {str(talk.pk)}
        Thread.objects.filter(pk=talk.pk).update(visitor=visitor("Epsilon"))
        assert found("Beta") == set() and found("Epsilon") == {str(talk.pk)}
        talk.delete()
        assert found("Epsilon") == set()

    def test_a_list_that_is_searched_costs_two_statements(self, api, agent, django_assert_num_queries):
        thread(agent=agent, topic="refund")
        for query in ("q=refund", "q=re", "q=退", "tags=vip"):
            with django_assert_num_queries(2):
                api.get(f"threads/list?{query}")

    @pytest.mark.parametrize("text", ["", " ", "x" * 201, "a\x00b"])
    def test_what_is_no_word_is_refused(self, api, text):
        assert api.get("threads/list", {"q": text}).status_code == 400

    def test_one_who_may_not_see_it_does_not_find_it(self, agent, found):
        thread(team=factories.team(), topic="refund")
        assert found("refund") == set()


class TestVisitors:
    def test_phone_language_and_custom_fields_are_changed_and_these_replaced_as_a_whole(self, api):
        known = visitor("Ann")
        Visitor.objects.filter(pk=known.pk).update(custom_fields={"plan": "free", "old": 1})
        read = api.get(f"visitors/{known.pk}")
        body = {"phone": "+49 30 1234", "language": "de", "customFields": {"plan": "pro", "seats": 3}}
        shown = api.put(f"visitors/{known.pk}", body, headers={"If-Match": read["ETag"]}).json()
        assert {name: shown[name] for name in body} == body and shown["nickname"] == "Ann"
        event = Event.objects.get(type="visitor.updated")
        assert event.data["changed"] == ["phone", "language", "customFields"]
        late = api.put(f"visitors/{known.pk}", {"phone": ""}, headers={"If-Match": read["ETag"]})
        assert (late.status_code, late.json()["current"]["phone"]) == (412, "+49 30 1234")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"phone": "1" * 41}, "visitor.phone"), ({"language": "x" * 21}, "visitor.language"),
            ({"customFields": []}, "customFields"), ({"customFields": {"n": 2**70}}, "visitor.customFields"),
            ({"customFields": {str(n): "字" * 500 for n in range(30)}}, "visitor.customFields"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_stored_is_refused(self, api, body, field):
        answer = api.put(f"visitors/{visitor().pk}", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)

    def test_blocked_ones_are_listed_alone_or_left_out(self, api, agent):
        good, bad = visitor("Good"), visitor("Bad")
        services.block_visitor(visitor_id=bad.pk, actor=agent)
        assert ids(api.get("visitors/list?blocked=true")) == {str(bad.pk)}
        assert ids(api.get("visitors/list?blocked=false")) == {str(good.pk)}
        assert api.get("visitors/list?blocked=maybe").status_code == 400

    def test_a_chinese_word_of_any_length_finds_a_visitor(self, api):
        known = visitor("欧阳小明", email="ou@example.com")
        visitor("王五")
        for text in ("欧", "欧阳", "小明", "欧阳小", "ou"):
            assert ids(api.get("visitors/list", {"q": text})) == {str(known.pk)}, text


def test_words_of_conversations_that_were_there_before_are_found_after_the_migration(agent):
    """The statement that fills the table is the migration's own."""
    from importlib import import_module

    talk = thread(agent=agent, topic="Before", visitor=visitor("Ann"))
    thread(type="TICKET")
    words = import_module("messaging.migrations.0010_extras").WORDS
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM messaging_threadwords")
        cursor.execute(words[words.rindex("INSERT INTO") :])
        cursor.execute("SELECT thread_id, topic, visitor FROM messaging_threadwords")
        assert cursor.fetchall() == [(talk.pk, "Before", "Ann ")]
