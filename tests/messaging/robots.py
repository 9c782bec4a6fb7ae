"""What the tests of robots are made of: robots, knowledge, visitors, and the worker's part by hand."""

from typing import Any

from django.db import connection

from accounts.models import User
from events.models import Event
from messaging.models import KnowledgeEntry, Message, Robot, Thread
from messaging.robots.reader import hear
from messaging.robots.tasks import answer_message
from messaging.services import knowledge, robots
from tests import factories
from tests.messaging.conversations import Browser

FAQ = (
    (
        "How do I return goods?",
        ["Can I send something back?"],
        "Within 30 days, with the label in the parcel.",
    ),
    ("How long does delivery take?", ["When will my parcel arrive?"], "Two to three working days."),
    ("What are your opening hours?", ["When are you open?"], "Nine to five, Monday to Friday."),
    ("如何退货?", ["退货流程是什么"], "请在30天内寄回商品。"),
    ("多久可以发货？", ["什么时候发货"], "付款后24小时内发货。"),
    ("怎么修改收货地址", [], "请在订单页面修改收货地址。"),
)


def admin() -> User:
    return User.objects.filter(role="admin").first() or factories.admin()


def robot(name: str = "Robo", **fields: Any) -> Robot:
    fields = {"nickname": f"{name} the robot"} | fields
    return robots.create_robot(name=name, actor=admin(), **fields)


def know(question: str, answer: str, **fields: Any) -> KnowledgeEntry:
    return knowledge.create_entry(question=question, answer=answer, actor=admin(), **fields)


def know_faq() -> None:
    for question, similar, answer in FAQ:
        know(question, answer, similar=similar)


def visit(robot: Robot | None = None, **opening: Any) -> Browser:
    """Return a visitor's browser with the robot's chat open."""
    browser = Browser(t="2", **({"sid": robot.name} if robot else {}))
    assert browser.open(**opening).status_code == 200
    return browser


def thread_of(browser: Browser) -> Thread:
    return Thread.objects.get(visitor=browser.visitor)


def hear_all(after: int = 0) -> int:
    """Read the events after one as the worker does; return the id of the last."""
    for event in Event.objects.filter(type="message.created", pk__gt=after).order_by("pk"):
        hear(event)
        after = event.pk
    return after


def work_off() -> int:
    """Run the jobs of robots that wait; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (DELETE FROM procrastinate_jobs WHERE task_name = 'messaging.robots.answer'"
            " RETURNING id, args) SELECT args->>'thread', (args->>'seq')::int FROM taken ORDER BY id"
        )
        jobs = cursor.fetchall()
    for thread, seq in jobs:
        answer_message(thread=thread, seq=seq)
    return len(jobs)


def ask(browser: Browser, text: str, **more: Any) -> dict[str, Any]:
    """Let a visitor write and the robot answer; return the newest message as the visitor sees it."""
    said = browser.say(text, client_id=f"{text[:20]}-{Message.objects.count()}", **more)
    assert said.status_code == 200, said.content
    hear_all(after=Event.objects.filter(type="message.created").latest("pk").pk - 1)
    work_off()
    return browser.get("messages?t=2").json()[-1]
