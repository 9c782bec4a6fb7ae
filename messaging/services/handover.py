"""From a robot to people, and back: one place, whoever wants it (the visitor, the robot, an agent).

A conversation of the type ROBOT is the robot's; what people have is a WORKGROUP one, with the same messages.
`robot` says with whom it began, so that its visitor finds it again (chat.queries.current_thread).
"""

from django.utils import timezone

from accounts.models import User
from messaging.models import Robot, Thread, ThreadState, ThreadType
from messaging.services import routing
from messaging.services.threads import heard_by, record_moved_away, record_thread, to_team


def hand_over_locked(thread: Thread, actor: User | None) -> bool:
    """Hand over a thread that the caller's transaction has locked; return whether it was the robot's."""
    if thread.type != ThreadType.ROBOT:
        return False
    heard_before = heard_by(thread)
    robot = thread.robot
    wait_for_people(thread)
    to_team(thread, (robot.team if robot else None) or thread.team)
    routing.to_queue(thread)
    thread.closed_at = None
    routing.save(thread)
    record_moved_away(thread, heard_before=heard_before, actor=actor)
    record_thread("thread.handed_over", thread, actor=actor, action="handed_over")
    routing.route(thread)
    return True


def wait_for_people(thread: Thread) -> None:
    """Let the visitor of a robot's conversation wait for people from now on; the caller saves the rest."""
    if thread.type == ThreadType.ROBOT:
        leave_robot(thread)
        thread.waiting_since = thread.waiting_since or timezone.now()
        thread.save(update_fields=["waiting_since"])


def leave_robot(thread: Thread) -> None:
    """Make a robot's conversation one of people; the caller saves it."""
    if thread.type == ThreadType.ROBOT:
        thread.type, thread.robot_misses = ThreadType.WORKGROUP, 0


def back_to_robot(thread: Thread) -> bool:
    """Make a conversation that began with a robot its again, if it still works; the caller saves it.

    For a visitor who goes on with a conversation that is over: perhaps with something new.
    """
    if thread.robot_id is None or not Robot.objects.filter(pk=thread.robot_id, active=True).exists():
        return False
    thread.type, thread.robot_misses = ThreadType.ROBOT, 0
    thread.agent, thread.state, thread.passed_on_by = None, ThreadState.OPEN, None
    thread.queued_at = thread.team_queued_at = thread.waited_seconds = None  # what was waited before is over
    return True
