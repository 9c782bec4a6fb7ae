"""What happens to conversations by the clock alone; the worker calls it every second (messaging.timers).

Each thread is its own transaction, and one that somebody has locked is left to the next time: several workers
do not double anything, and none waits.
"""

from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Presence, User
from accounts.services.presence import set_status
from events.listening import anybody_left, heard_without_gap_since
from events.models import Listening
from messaging.models import MessageType, Thread, ThreadState
from messaging.queue_queries import WAITING, anything_waits
from messaging.services import routing
from messaging.services.messages import send_message
from messaging.services.states import close_locked
from messaging.services.threads import heard_by, to_team
from settings_app.queries import setting

AT_ONCE = 100  # threads that one look takes
OVERDUE = f"""
    SELECT t.id FROM accounts_team team JOIN messaging_thread t ON t.team_id = team.id
    WHERE team.overflow_seconds > 0 AND team.overflow_team_id IS NOT NULL
    AND {WAITING}
    AND t.team_queued_at < now() - team.overflow_seconds * interval '1 second' LIMIT %s"""


def overflow() -> int:
    """Move what has waited too long to the queue of the overflow team, where it keeps the place of its time;
    return how many.
    """
    if not anything_waits():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(OVERDUE, [AT_ONCE])
        found = [row[0] for row in cursor.fetchall()]
    return sum(_overflow(thread_id) for thread_id in found)


def _overflow(thread_id: UUID) -> bool:
    with transaction.atomic():
        locked = Thread.objects.select_for_update(skip_locked=True, of=("self",)).select_related("team")
        thread = locked.filter(pk=thread_id, state=ThreadState.QUEUED).first()
        if thread is None or not _is_overdue(thread):
            return False
        heard_before = heard_by(thread)
        to_team(thread, thread.team.overflow_team if thread.team else None)
        routing.move(thread, None, "overflowed", keeps_place=True, heard_before=heard_before)
        routing.route(thread)
    return True


def _is_overdue(thread: Thread) -> bool:
    team, since = thread.team, thread.team_queued_at
    if team is None or since is None or not team.overflow_seconds or team.overflow_team_id is None:
        return False
    return since + timedelta(seconds=team.overflow_seconds) < timezone.now()


def close_silent() -> int:
    """Close conversations whose visitor has said nothing for chat.autoCloseMinutes since the desk's last
    word, and say so in them; return how many.
    """
    minutes = setting("chat", "autoCloseMinutes")
    if not minutes:
        return 0
    silent = Thread.objects.filter(
        state=ThreadState.OPEN,
        type__in=["AGENT", "WORKGROUP"],
        waiting_since__isnull=True,
        last_message_at__lt=timezone.now() - timedelta(minutes=minutes),
    )
    found = silent.order_by("last_message_at").values_list("pk", flat=True)[:AT_ONCE]
    closed = 0
    for thread_id in list(found):
        with transaction.atomic():
            if thread := silent.select_for_update(skip_locked=True).filter(pk=thread_id).first():
                if text := setting("chat", "autoCloseText").strip():
                    send_message(thread=thread, content=text, type=MessageType.SYSTEM)
                close_locked(thread, None, action="auto_closed")
                closed += 1
    return closed


def drop_absent() -> int:
    """Take those for away who are available but whose last stream is gone since chat.dropSeconds; return how
    many. What they had goes back to the queue: readers.people_changed.

    Who had no stream since becoming available works by the API alone, and stays. While the desk itself was
    down nobody could listen: that counts for nobody.
    """
    seconds = setting("chat", "dropSeconds")
    now = timezone.now()
    since = now - timedelta(seconds=seconds)
    if not seconds or not heard_without_gap_since(since) or not anybody_left(since):
        return 0
    gone = Listening.objects.filter(
        user_id=OuterRef("pk"),
        seen_at__gte=OuterRef("status_at"),
        seen_at__lt=now - timedelta(seconds=seconds),
    )
    absent = User.objects.filter(Exists(gone), status=Presence.AVAILABLE)
    dropped = 0
    for user_id in list(absent.values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            locked = absent.select_for_update(skip_locked=True, no_key=True).filter(pk=user_id)
            if user := locked.first():
                dropped += set_status(user=user, status=Presence.OFFLINE, reason="dropped")
    return dropped
