"""What agents say about a conversation: its topic, its tags, and how it went."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from api.errors import Problem, field_error
from api.filters import Clause
from messaging import queries
from messaging.models import Thread, ThreadType
from messaging.services import groups
from messaging.services.threads import locked_thread, record_for_desk

FIELDS = ("topic", "tags", "summary")
LONGEST_TOPIC, LONGEST_SUMMARY = 300, 5_000  # characters
MOST_TAGS, LONGEST_TAG = 20, 40


def change_thread(
    *,
    thread_id: UUID,
    changes: Mapping[str, Any],
    actor: User,
    visible: Iterable[Clause] = (),
    match: Callable[[str], None] | None = None,
) -> Thread:
    """Change a conversation's `topic, tags, summary`; its visitor is told nothing of it,
    the members of a group how it is called now.

    Raises Problem `not_found`, `validation_failed`, `invalid_state` (the thread of a ticket) or `conflict`.
    """
    given = _checked(changes)
    with transaction.atomic():
        thread = locked_thread(thread_id, visible)
        if thread.type == ThreadType.TICKET:
            raise Problem("invalid_state", "This thread belongs to a ticket: change the ticket.")
        if thread.type == ThreadType.GROUP and "topic" in given:
            given["topic"] = groups.checked_name(given["topic"])
        if match:
            match(queries.thread_etag({name: getattr(thread, name) for name in FIELDS}))
        changed = [name for name in FIELDS if name in given and given[name] != getattr(thread, name)]
        if changed:
            for name in changed:
                setattr(thread, name, given[name])
            thread.updated_at = timezone.now()
            thread.save(update_fields=[*changed, "updated_at"])
            record_for_desk("thread.updated", thread, actor=actor, action="updated")
            if thread.type == ThreadType.GROUP and "topic" in changed:
                groups.say_renamed(thread, actor)
    return thread


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes as they are stored. Raises Problem `validation_failed`."""
    given = dict(changes)
    for name, longest in (("topic", LONGEST_TOPIC), ("summary", LONGEST_SUMMARY)):
        if name in given:
            given[name] = given[name].strip()
            if len(given[name]) > longest:
                raise field_error(name, "too_long", f"Expected at most {longest} characters.")
    if "tags" in given:
        given["tags"] = [tag for tag in dict.fromkeys(each.strip() for each in given["tags"]) if tag]
        if len(given["tags"]) > MOST_TAGS:
            raise field_error("tags", "too_many", f"Expected at most {MOST_TAGS} tags.")
        if any(len(tag) > LONGEST_TAG or "," in tag for tag in given["tags"]):
            raise field_error("tags", "invalid", f"A tag has up to {LONGEST_TAG} characters and no comma.")
    return given
