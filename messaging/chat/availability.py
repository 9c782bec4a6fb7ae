"""Whether there is somebody for a visitor: the hours are open, and an agent is there where that is asked."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import Presence, Team, User
from api.errors import Problem
from messaging.models import Thread, ThreadState, ThreadType
from messaging.services.chat import target_of
from settings_app.hours import is_open, opens_at
from settings_app.queries import hours_kept, setting


@dataclass(frozen=True)
class Availability:
    """`opens_at` is None while the hours are open, and where they never open again."""

    online: bool
    opens_at: datetime | None
    closed_text: str


def availability(*, type: str, sid: str, thread: Thread | None, at: datetime | None = None) -> Availability:
    """Return whether whom a chat's address names, or who has its conversation by now, is there at a moment.

    A team follows its own hours where it has some; everybody else those of the desk. A robot always answers,
    but for a conversation that people have taken over and not yet ended.
    """
    if type == ThreadType.ROBOT and not (thread and _people_have(thread)):
        return Availability(True, None, "")
    at = at or timezone.now()
    agent, team = (thread.agent, thread.team) if thread else _named(type, sid)
    hours = hours_kept(team.hours if team else None)
    if is_open(hours, at):
        there = not setting("chat", "onlineNeedsAgents") or _somebody_is_there(type, agent, team)
        return Availability(there, None, hours.closed_text)
    return Availability(False, opens_at(hours, at), hours.closed_text)


def _people_have(thread: Thread) -> bool:
    return thread.type != ThreadType.ROBOT and thread.state != ThreadState.CLOSED


def _named(type: str, sid: str) -> tuple[User | None, Team | None]:
    try:
        return target_of(type, sid)
    except Problem:  # nobody yet: said to whoever writes
        return None, None


def _somebody_is_there(type: str, agent: User | None, team: Team | None) -> bool:
    if type == ThreadType.AGENT and agent:
        return agent.is_active and agent.status == Presence.AVAILABLE
    people = User.objects.filter(is_active=True, status=Presence.AVAILABLE)
    return (people.filter(teams=team) if team else people).exists()
