"""The background job of robots: answering one message, outside of any transaction."""

from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from messaging.robots import answering


@app.task(name="messaging.robots.answer")
def answer_message(thread: str, seq: int) -> None:
    """Let a robot answer the message `seq` of its visitor, unless that is done or overtaken by a newer."""
    answering.answer(thread_id=UUID(thread), seq=seq)


def ask(thread_id: UUID | str, seq: int) -> None:
    """Have a message answered: once, while the same job still waits."""
    once = answer_message.configure(queueing_lock=f"robot:{thread_id}:{seq}")
    try:
        with transaction.atomic():  # the refusal of a second one must not undo what the caller does
            once.defer(thread=str(thread_id), seq=seq)
    except AlreadyEnqueued:
        pass
