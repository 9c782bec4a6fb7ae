"""The background job of robots: answering one message, outside of any transaction.

What a language model answers has a queue of its own, with places of its own in the worker (apps.py): however
slow the network is, nothing else waits for it, and no robot that answers from what it knows.
"""

from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from messaging.robots import answering
from messaging.robots.answering import Work
from messaging.robots.responders import is_quick
from messaging.services import robot_pace

QUICK, SLOW = "default", "robots"  # queues


@app.task(name="messaging.robots.answer")
def answer_message(thread: str, seq: int, slow: bool = False) -> None:
    """Let a robot answer the message `seq` of its visitor, unless that is done or overtaken by a newer."""
    work = answering.waiting(UUID(thread))
    if work is None or work.seq != seq:
        return
    if not work.needs_responder or is_quick(work.robot.responder):
        answering.give(work)
    elif slow:
        _give_in_turn(work)
    else:  # the robot got another responder since it was asked
        ask(thread, seq, responder=work.robot.responder)


def _give_in_turn(work: Work) -> None:
    """Answer, if the visitor and the desk may have an answer now: else later, or let people do it."""
    thread, robot = work.thread, work.robot
    if work.is_old:  # it waited behind others, or for a worker: whoever is still there has waited enough
        answering.give_up(work)
        return
    refused = robot_pace.admit(thread_id=thread.pk, visitor_id=thread.visitor_id)
    if refused is None:
        answering.give(work)
    elif refused.today:
        answering.give_up(work)
    else:
        answering.put_off(work)
        ask(thread.pk, work.seq, responder=robot.responder, seconds=refused.seconds)


def ask(thread_id: UUID | str, seq: int, *, responder: str, seconds: int = 0) -> None:
    """Have a message answered by a kind of responder, now or later: once, while the same job still waits."""
    slow = not is_quick(responder)
    once = answer_message.configure(
        queue=SLOW if slow else QUICK,
        queueing_lock=f"robot:{thread_id}:{seq}",
        schedule_in={"seconds": seconds} if seconds else None,
    )
    try:
        with transaction.atomic():  # the refusal of a second one must not undo what the caller does
            once.defer(thread=str(thread_id), seq=seq, slow=slow)
    except AlreadyEnqueued:
        pass
