"""Blocking a visitor: nothing more of it is let in, and what is open with it ends."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem
from api.filters import Clause
from messaging import queries
from messaging.models import Thread, ThreadState, ThreadType, Visitor
from messaging.services import routing
from messaging.services.states import end_locked
from messaging.services.visitors import record_visitor, teams_of


def block_visitor(*, visitor_id: UUID, actor: User, visible: Iterable[Clause] = ()) -> Visitor:
    """Block a visitor and close its conversations, whoever has them; one that is blocked stays as it is.

    Tickets keep their threads. Raises Problem `not_found`.
    """
    with transaction.atomic():
        visitor = _locked(visitor_id, visible)
        if visitor.blocked_at is None:
            # All threads, closed ones too: a message on its way into one of them waits, and is refused then.
            chats = Thread.objects.select_for_update().filter(visitor=visitor).exclude(type=ThreadType.TICKET)
            threads = list(chats.order_by("id"))
            _set(visitor, actor)
            going_on = [each for each in threads if each.state != ThreadState.CLOSED]
            for thread in going_on:
                end_locked(thread, actor)
            # Only now: else an agent whom the first one frees would get the next, which is about to end.
            for agent_id in sorted({each.agent_id for each in going_on if each.agent_id}):
                routing.freed(agent_id)
            record_visitor(
                "visitor.blocked", visitor, actor, teams=teams_of(visitor), blockedAt=visitor.blocked_at
            )
    return visitor


def unblock_visitor(*, visitor_id: UUID, actor: User, visible: Iterable[Clause] = ()) -> Visitor:
    """Let a visitor write again; its conversations stay closed. Raises Problem `not_found`."""
    with transaction.atomic():
        visitor = _locked(visitor_id, visible)
        if visitor.blocked_at is not None:
            _set(visitor, None)
            record_visitor("visitor.unblocked", visitor, actor, teams=teams_of(visitor), blockedAt=None)
    return visitor


def _locked(visitor_id: UUID, visible: Iterable[Clause]) -> Visitor:
    # Not for its key: who sends holds a thread and refers to the visitor, and must not wait for us here.
    visitor = Visitor.objects.select_for_update(no_key=True).filter(pk=visitor_id).first()
    if visitor is None or not queries.visitor_visible(visitor_id, visible):
        raise Problem("not_found")
    return visitor


def _set(visitor: Visitor, by: User | None) -> None:
    now = timezone.now()
    visitor.blocked_at, visitor.blocked_by, visitor.updated_at = (now if by else None), by, now
    visitor.save(update_fields=["blocked_at", "blocked_by", "updated_at"])
