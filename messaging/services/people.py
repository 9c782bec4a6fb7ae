"""A visitor who wants a person instead of a robot."""

from django.db import transaction

from api.errors import Problem
from messaging.chat import queries
from messaging.models import Message, Thread, ThreadState, ThreadType, Visibility, Visitor
from messaging.robots.phrases import language_of, phrase
from messaging.services import routing
from messaging.services.chat import begin
from messaging.services.handover import hand_over_locked
from messaging.services.messages import send_message
from messaging.services.states import reopen_locked
from messaging.services.threads import locked_thread


def ask_for_person(*, visitor: Visitor, type: str, sid: str = "") -> Thread:
    """Hand a visitor's conversation to people, begun where it has none with a robot; who has it keeps it.

    One that is over goes on. Raises Problem `visitor_blocked`, `validation_failed`, or
    `not_found` where there is no conversation with people.
    """
    with transaction.atomic():
        # As in chat.say: the visitor's row orders what begins a conversation.
        locked = Visitor.objects.select_for_update(no_key=True).get(pk=visitor.pk)
        if locked.blocked_at:
            raise Problem("visitor_blocked")
        found = queries.current_thread(visitor.pk, type)
        if found is None and type != ThreadType.ROBOT:
            raise Problem("not_found", "The conversation begins with the first message.")
        thread = locked_thread((found or begin(visitor=visitor, type=type, sid=sid)).pk)
        if thread.state == ThreadState.CLOSED:
            reopen_locked(thread, None)
        if thread.type == ThreadType.ROBOT:
            _say_handed_over(thread, locked)
            hand_over_locked(thread, None)
        routing.route(thread)  # where its robot does not work, it began with people
    return thread


def _say_handed_over(thread: Thread, visitor: Visitor) -> None:
    """Let the robot say that a colleague takes over, in the language that the visitor wrote last."""
    last = (
        Message.objects.filter(thread=thread, visitor=visitor, visibility=Visibility.PUBLIC)
        .order_by("-seq")
        .values_list("content", flat=True)
        .first()
    )
    language = language_of(last or "", visitor.language)
    send_message(thread=thread, robot=thread.robot, content=phrase("handed_over", language))
