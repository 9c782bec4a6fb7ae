"""That somebody is writing: told at once to the other side, stored nowhere."""

from accounts.models import User
from api.errors import field_error
from events.services import whisper
from messaging.models import Robot, Thread
from messaging.services.audience import heard_by_visitor
from messaging.services.threads import heard_by

PREVIEW = 500  # characters of what a visitor is about to say that the agent sees


def visitor_types(*, thread: Thread, content: str) -> None:
    """Tell the people of a thread what its visitor is writing; "" when it stopped."""
    whisper(
        "typing",
        audience=heard_by(thread),
        data={"thread": str(thread.pk), "by": "visitor", "content": content[:PREVIEW]},
    )


def agent_types(*, thread: Thread, user: User, typing: bool) -> None:
    """Tell a thread's visitor, and the other people of it, that an agent is writing; not what.

    Raises Problem `validation_failed` for the conversation of a ticket, which nobody follows so closely.
    """
    audience = heard_by_visitor(thread.type, thread.visitor_id)
    if not audience:
        raise field_error("thread", "invalid", "Expected a conversation with a visitor.")
    whisper(
        "typing",
        audience=[*audience, *heard_by(thread)],
        data={
            "thread": str(thread.pk),
            "by": "agent",
            "typing": typing,
            "user": {"id": str(user.pk), "nickname": user.shown_name},
        },
    )


def robot_types(*, thread: Thread, robot: Robot) -> None:
    """Tell a thread's visitor, and the people of it, that a robot looks for an answer."""
    whisper(
        "typing",
        audience=[*heard_by_visitor(thread.type, thread.visitor_id), *heard_by(thread)],
        data={
            "thread": str(thread.pk),
            "by": "robot",
            "typing": True,
            "user": {"id": str(robot.pk), "nickname": robot.nickname},
        },
    )
