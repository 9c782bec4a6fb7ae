"""Presence: who receives chats, who is at work but takes none, who is away (iframe-protocol.md)."""

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Presence, User
from api.errors import field_error
from events.services import record


def set_status(*, user: User, status: str, actor: User | None = None, reason: str = "") -> bool:
    """Set a user's status and tell everybody; return whether it changed. Raises Problem `validation_failed`.

    `reason` says why the desk itself did it (`dropped`: the user's last stream is gone). Nothing is written
    and nobody is told when it is the status already.
    """
    if status not in Presence.values:
        raise field_error("status", "invalid", f"Expected one of {', '.join(Presence.values)}.")
    with transaction.atomic():
        # One statement compares and writes, so that of two equal changes at once only one is an event.
        changed = (
            User.objects.filter(pk=user.pk)
            .exclude(status=status)
            .update(status=status, status_at=Now(), updated_at=Now())
        )
        user.status = status
        if changed:
            agent = {"uid": str(user.pk), "nickname": user.shown_name, "avatar": user.avatar}
            record(
                "user.presence",
                object_id=user.pk,
                audience=["users/staff"],
                actor=actor,
                data={"status": status, "agentInfo": agent} | ({"reason": reason} if reason else {}),
            )
    return bool(changed)
