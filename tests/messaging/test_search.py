"""`GET /api/messages/list?q=`: words of messages, in any script and length."""

import pytest

from messaging import services
from tests import factories
from tests.messaging.conversations import as_user, ids, thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def say(agent):
    talk = thread(agent=agent)
    return lambda content, **more: services.send_message(
        thread=more.pop("thread", talk), user=agent, content=content, **more
    )


@pytest.fixture
def found(api):
    def search(text: str, **more) -> set[str]:
        return ids(api.get("messages/list", {"q": text} | more))

    return search


def test_words_are_found_in_any_script_and_length_and_each_hit_names_its_thread(say, found, api):
    chinese, english = say("请问退款什么时候到？"), say("When does the Refund arrive? 50% off, ok")
    say("谢谢 thanks")
    for text in ("退款", "退", "款什", "退款什么", "？", "请问退款什么时候到"):
        assert found(text) == {str(chinese["id"])}, text
    for text in ("refund", "REFUND", "efun", "re", "ok", "OK", "50% o", "50", "f"):
        expected = {str(english["id"])} if text != "f" else set()
        assert found(text) == expected, text
    assert found("50_") == found("货") == found("款退") == set()
    (hit,) = api.get("messages/list", {"q": "退款"}).json()
    assert hit["thread"] == hit["threadUid"] == str(chinese["thread"])


def test_what_was_recalled_edited_or_hidden_is_not_found(say, found, agent):
    first, second, third = say("退款 one"), say("退款 two"), say("退款 three", thread=thread(agent=agent))
    services.recall_message(message_id=first["id"], actor=agent)
    services.edit_message(message_id=second["id"], content="换货 two", actor=agent)
    services.hide_thread(thread_id=third["thread"], hidden=True)
    assert found("退款") == found("款") == found("退款 t") == set()
    assert found("换货") == {str(second["id"])}


def test_only_what_one_sees_is_found(say, found, agent):
    elsewhere = thread(team=factories.team())
    services.send_message(thread=elsewhere, visitor=elsewhere.visitor, content="退款 refund")
    two = services.create_thread(type="MEMBER", agent=factories.agent(), actor=factories.agent())
    services.send_message(thread=two, user=two.agent, content="退款 refund")
    assert found("退款") == found("refund") == set()
    admin = as_user(factories.admin())
    assert len(ids(admin.get("messages/list?q=refund"))) == 1


def test_one_conversation_is_searched_alone(say, found, agent):
    here, there = say("退款"), say("退款", thread=thread(agent=agent))
    assert found("退款", thread=str(here["thread"])) == {str(here["id"])}
    assert found("退", thread=str(there["thread"])) == {str(there["id"])}


def test_a_search_costs_two_statements(say, api, django_assert_num_queries):
    say("退款 refund ok")
    for text in ("退", "退款", "ok", "refund"):
        with django_assert_num_queries(2):
            assert api.get("messages/list", {"q": text}).json()
