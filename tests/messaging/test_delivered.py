"""What a visitor's page has received, as its agents see it."""

import pytest

from events.models import Event
from messaging import services
from messaging.models import Thread
from tests import factories
from tests.messaging.conversations import Browser, as_user
from tests.streams import listen


@pytest.fixture
def talk(agent):
    """A visitor's browser, and the thread in which the agent has answered twice: seq 2 and 3."""
    browser = Browser(t="0", sid=agent.username)
    browser.open()
    browser.say("Hello?")
    thread = Thread.objects.get()
    for text in ("Hi", "How can I help?"):
        services.send_message(thread=thread, user=agent, content=text)
    return browser, thread


def delivered(api, thread) -> int:
    return api.get(f"threads/{thread.pk}").json()["visitorDeliveredSeq"]


@pytest.mark.django_db
class TestMarks:
    def test_never_back_and_no_further_than_there_is(self, api, talk):
        browser, thread = talk
        assert delivered(api, thread) == 0
        for seq, expected in ((2, 2), (1, 2), (99, 3), (3, 3)):
            assert browser.post("delivered?t=0", {"seq": seq}).json()["seq"] == expected
            assert delivered(api, thread) == expected

    def test_what_is_read_has_arrived(self, api, talk):
        browser, thread = talk
        browser.post("read?t=0", {"seq": 3})
        assert delivered(api, thread) == 3
        assert browser.post("delivered?t=0", {"seq": 2}).json()["seq"] == 3

    def test_one_write_for_a_new_seq_and_no_event(self, talk, django_assert_num_queries):
        browser, thread = talk
        events = Event.objects.count()
        # The visitor, its thread, savepoint, mark, whisper, release.
        with django_assert_num_queries(6):
            browser.post("delivered?t=0", {"seq": 2})
        with django_assert_num_queries(5):  # nothing new: nobody is told
            browser.post("delivered?t=0", {"seq": 2})
        assert Event.objects.count() == events

    @pytest.mark.parametrize("body", [{}, {"seq": None}, {"seq": -1}, {"seq": "2"}, {"seq": 2**40}, {"x": 1}])
    def test_what_is_no_seq_is_refused(self, talk, body):
        assert talk[0].post("delivered?t=0", body).status_code == 400

    def test_another_visitor_marks_its_own_thread_only(self, api, talk):
        stranger = Browser(t="0")
        stranger.open()
        assert stranger.post("delivered?t=0", {"seq": 3}).status_code == 404
        assert delivered(api, talk[1]) == 0


def test_who_follows_the_thread_hears_it_at_once_and_nobody_else(desk):
    team = factories.team()
    agent = factories.agent(teams=[team])
    browser = Browser(t="1", sid=str(team.pk))
    browser.open()
    browser.say("Hello?")
    thread = Thread.objects.get()
    services.send_message(thread=thread, user=agent, content="Hi")

    def arrive() -> None:
        for _ in range(2):
            assert browser.post("delivered?t=1", {"seq": 2}).status_code == 200
        Thread.objects.update(visitor_delivered_seq=0)  # for the next who listens

    mine = listen(desk.url, as_user(agent).token, arrive, until=1, seconds=2)
    others = listen(desk.url, as_user(factories.agent()).token, arrive, until=1, seconds=2)
    page = listen(desk.url, browser.credential, arrive, until=1, seconds=2, path="/api/chat/stream")
    assert mine.whispers == [("thread.delivered", {"thread": str(thread.pk), "seq": 2})]
    assert not others.whispers and not page.whispers
