"""Cards: checked to the last member, sent by the desk, seen by the visitor."""

import pytest

from events.models import Event
from messaging.models import Message, Thread
from tests import factories
from tests.messaging.conversations import Browser, thread

pytestmark = pytest.mark.django_db

CARD = {
    "title": "Your order 4711",
    "text": "It leaves the house today.",
    "imageUrl": "https://shop.example.com/4711.jpg",
    "url": "https://shop.example.com/orders/4711",
    "buttons": [
        {"label": "Track it", "url": "https://shop.example.com/track?id=4711"},
        {"label": "取消订单", "reply": "Please cancel order 4711"},
    ],
}


@pytest.fixture
def talk(agent):
    return thread(agent=agent, team=factories.team())


def send(api, talk, card, **more):
    return api.post("messages/send", {"thread": str(talk.pk), "type": "card", "card": card} | more)


def test_a_card_is_the_same_in_answer_list_and_event(api, talk):
    sent = send(api, talk, CARD).json()
    assert sent["card"] == CARD and sent["type"] == "card"
    assert sent["content"] == "Your order 4711\nIt leaves the house today."
    assert api.get("messages/list", {"thread": str(talk.pk)}).json()[-1] == sent
    assert Event.objects.get(type="message.created").data["card"] == CARD
    assert api.get(f"threads/{talk.pk}").json()["content"].startswith("Your order 4711")


def test_a_card_needs_no_more_than_a_title_and_no_type(api, talk):
    answer = api.post("messages/send", {"thread": str(talk.pk), "card": {"title": "Hello"}})
    assert answer.json()["card"] == {"title": "Hello", "text": "", "imageUrl": "", "url": "", "buttons": []}
    assert answer.json()["type"] == "card"


def test_the_visitor_sees_it(admin_api):
    team = factories.team()
    browser = Browser(t="1", sid=str(team.pk))
    browser.open()
    browser.say("Where is my order?")
    assert send(admin_api, Thread.objects.get(), CARD).status_code == 200
    assert browser.get("messages").json()[-1]["card"] == CARD


@pytest.mark.parametrize(
    ("card", "field"),
    [
        ({}, "card.title"),
        ({"title": " "}, "card.title"),
        ({"title": "x" * 201}, "card.title"),
        ({"title": 5}, "card.title"),
        ({"title": "x", "text": "y" * 2001}, "card.text"),
        ({"title": "x", "url": "javascript:alert(1)"}, "card.url"),
        ({"title": "x", "url": "//evil.example"}, "card.url"),
        ({"title": "x", "url": "https://"}, "card.url"),
        ({"title": "x", "url": "https://[::1"}, "card.url"),
        ({"title": "x", "url": "https://a:99999/"}, "card.url"),
        ({"title": "x", "imageUrl": "https://a:port/x.png"}, "card.imageUrl"),
        ({"title": "x", "buttons": [{"label": "a", "url": "https://a:65536"}]}, "card.buttons[0].url"),
        ({"title": "x", "url": "https:\\\\evil.example\\@a"}, "card.url"),
        ({"title": "x", "url": "java\nscript:alert(1)"}, "card.url"),
        ({"title": "x", "imageUrl": "data:image/png;base64,AAAA"}, "card.imageUrl"),
        ({"title": "x", "imageUrl": 'https://a.example/"onload='}, "card.imageUrl"),
        ({"title": "x", "buttons": [{"label": "a", "reply": "b"}] * 5}, "card.buttons"),
        ({"title": "x", "buttons": [{"label": "a"}]}, "card.buttons[0]"),
        ({"title": "x", "buttons": [{"label": "a", "url": "https://a.b", "reply": "c"}]}, "card.buttons[0]"),
        ({"title": "x", "buttons": [{"label": "", "reply": "c"}]}, "card.buttons[0].label"),
        ({"title": "x", "buttons": [{"label": "a", "url": "ftp://a.b"}]}, "card.buttons[0].url"),
        ({"title": "x", "buttons": [{"label": "a", "reply": "c" * 501}]}, "card.buttons[0].reply"),
        ("text", "card"),
    ],
)
def test_what_is_no_card_is_refused_by_field(api, talk, card, field):
    answer = send(api, talk, card)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field), answer.content
    assert not Message.objects.exists()


@pytest.mark.parametrize("body", [{"type": "card"}, {"type": "text", "content": "x", "card": CARD}])
def test_card_and_type_belong_together(api, talk, body):
    answer = api.post("messages/send", {"thread": str(talk.pk), "content": "x"} | body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "card")


def test_a_recalled_card_is_readable_nowhere(api, talk):
    sent = send(api, talk, CARD).json()
    recalled = api.post(f"messages/{sent['id']}/recall", {}).json()
    assert (recalled["card"], recalled["content"]) == (None, "")
    assert not Event.objects.filter(data__icontains="4711").exists()
    assert api.get(f"threads/{talk.pk}").json()["content"] == ""
