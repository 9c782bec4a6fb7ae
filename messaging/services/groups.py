"""Groups: several colleagues who talk to each other. What they say is theirs alone, as between two (MEMBER).

Members are equal: each of them names the group, adds and removes. Who comes in reads what was said before;
who is gone sees nothing more of it. The group ends with its last member.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from api.errors import Problem, field_error
from messaging.models import MessageType, ReadMark, Thread, ThreadParticipant, ThreadState, ThreadType
from messaging.services.messages import send_message
from messaging.services.threads import create_thread, heard_by, record_moved_away, record_thread
from settings_app.queries import setting

MOST = 50  # members

BEGAN = gettext_noop("%(actor)s began this group with %(names)s.")
ADDED = gettext_noop("%(actor)s added %(name)s.")
LEFT = gettext_noop("%(actor)s left the group.")
REMOVED = gettext_noop("%(actor)s removed %(name)s.")
NAMED = gettext_noop("%(actor)s named the group “%(topic)s”.")


def begin_group(*, topic: str, members: Iterable[User], actor: User) -> Thread:
    """Begin a group of the actor and its colleagues, and say so in it. Raises Problem `validation_failed`."""
    people = {each.pk: each for each in (actor, *members)}
    if len(people) < 2:
        raise field_error("members", "required", "Expected somebody else.")
    if len(people) > MOST:
        raise field_error("members", "too_many", f"Expected at most {MOST} members with yourself.")
    for each in people.values():
        if not each.is_active:
            raise field_error("members", "user_inactive", f"{each.shown_name} is not active.")
    topic = checked_name(topic)
    with transaction.atomic():
        thread = create_thread(type=ThreadType.GROUP, topic=topic, members=list(people.values()), actor=actor)
        ReadMark.objects.create(thread=thread, user=actor)
        others = (each.shown_name for each in people.values() if each != actor)
        _say(thread, actor, BEGAN, names=", ".join(others))
    return thread


def add_locked(thread: Thread, user: User, actor: User) -> None:
    """Let a colleague into a group that the caller's transaction has locked; one who is in it stays as it is.

    Nothing that was said before is new to it. Raises Problem `validation_failed` or `invalid_state`.
    """
    if thread.state == ThreadState.CLOSED:
        raise Problem("invalid_state", "The group has ended.")
    if user.pk in thread.participant_ids:
        return
    if len(thread.participant_ids) >= MOST:
        raise field_error("agent", "too_many", f"Expected at most {MOST} members.")
    ThreadParticipant.objects.create(thread=thread, user=user, invited_by=actor)
    ReadMark.objects.update_or_create(thread=thread, user=user, defaults={"seq": thread.last_seq})
    _save(thread, [*thread.participant_ids, user.pk])
    record_thread("thread.invited", thread, actor=actor, action="invited")
    _say(thread, actor, ADDED, name=user.shown_name)


def remove_locked(thread: Thread, user: User, actor: User) -> None:
    """Take a member out of a group that the caller's transaction has locked; with the last one it ends.

    Who goes hears only that it is gone. Raises Problem `invalid_state` where the user is no member.
    """
    if user.pk not in thread.participant_ids:
        raise Problem("invalid_state", "This agent is no member of the group.")
    leaves = user.pk == actor.pk
    heard_before = heard_by(thread)
    ThreadParticipant.objects.filter(thread=thread, user=user).delete()
    _save(thread, [each for each in thread.participant_ids if each != user.pk])
    record_moved_away(thread, heard_before=heard_before, actor=actor)
    record_thread("thread.left", thread, actor=actor, action="left" if leaves else "removed")
    if thread.participant_ids:
        _say(thread, actor, LEFT if leaves else REMOVED, name=user.shown_name)
    else:
        thread.state, thread.closed_at = ThreadState.CLOSED, thread.updated_at
        thread.save(update_fields=["state", "closed_at"])
        record_thread("thread.closed", thread, actor=actor, action="closed")


def checked_name(topic: str) -> str:
    """Return a group's name as it is stored. Raises Problem `validation_failed`."""
    if not topic.strip():
        raise field_error("topic", "blank", "A group has a name.")
    return topic.strip()


def say_renamed(thread: Thread, actor: User) -> None:
    """Say in a group how it is called now."""
    _say(thread, actor, NAMED, topic=thread.topic)


def _save(thread: Thread, participant_ids: list[UUID]) -> None:
    thread.participant_ids, thread.updated_at = participant_ids, timezone.now()
    thread.save(update_fields=["participant_ids", "updated_at"])


def _say(thread: Thread, actor: User, text: str, **words: str) -> None:
    """Write what happened into a group, in the desk's language; for who did it that is nothing new."""
    with translation.override(setting("general", "language")):
        content = gettext(text) % {"actor": actor.shown_name, **words}
    said = send_message(thread=thread, content=content, type=MessageType.SYSTEM)
    ReadMark.objects.filter(thread=thread, user=actor, seq=said["seq"] - 1).update(seq=said["seq"])
