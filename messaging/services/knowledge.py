"""What robots know: entries, made, changed, deleted and imported by admins."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audiences import work_audience
from accounts.models import User
from api.errors import Problem, field_error
from events.services import record
from messaging.models import KnowledgeEntry, Robot
from messaging.robots import queries
from messaging.robots.terms import is_word, terms_of

FIELDS = ("robot", "question", "similar", "answer", "language", "enabled")
LONGEST_QUESTION = 500
LONGEST_ANSWER = 10_000
MOST_SIMILAR = 50
MOST_IMPORTED = 5_000


Match = Callable[[str, Any], None]


def create_entry(*, actor: User, caller: Any = None, **fields: Any) -> KnowledgeEntry:
    """Make an entry of FIELDS, a robot by its row or id. `caller` is whose limits count (None: an admin's
    page).

    Raises Problem `validation_failed` or `role_not_permitted`.
    """
    _check_may_write(caller)
    entry = KnowledgeEntry(**_values(fields))
    _prepare(entry)
    with transaction.atomic():
        entry.save(force_insert=True)
        _record("knowledge.created", entry, actor)
    return entry


def change_entry(
    *,
    entry_id: UUID,
    changes: Mapping[str, Any],
    actor: User,
    caller: Any = None,
    match: Match | None = None,
) -> KnowledgeEntry:
    """Change what is named of FIELDS, as create_entry takes them.

    Raises Problem `not_found`, `validation_failed`, `role_not_permitted` or `conflict`.
    """
    with transaction.atomic():
        entry = _locked(entry_id, caller, match)
        changes = _values(changes)
        changed = [name for name in FIELDS if name in changes and changes[name] != getattr(entry, name)]
        for name in changed:
            setattr(entry, name, changes[name])
        _prepare(entry)
        if changed:
            entry.updated_at = timezone.now()
            entry.save(update_fields=[*changed, "terms", "words", "updated_at"])
            _record("knowledge.updated", entry, actor, changed=changed)
    return entry


def delete_entry(*, entry_id: UUID, actor: User, caller: Any = None, match: Match | None = None) -> None:
    """Delete an entry; what robots said of it stays said.

    Raises Problem `not_found`, `role_not_permitted` or `conflict`.
    """
    with transaction.atomic():
        entry = _locked(entry_id, caller, match)
        _record("knowledge.deleted", entry, actor)
        entry.delete()


def import_entries(*, rows: Iterable[Mapping[str, Any]], robot: Robot | None, actor: User) -> tuple[int, int]:
    """Make an entry of each row, or change the one of the robot with the same question; all rows or none.

    A row has `question, answer, similar, language, enabled`. Return how many are new and how many changed.
    Raises Problem `validation_failed` naming each row that cannot be stored.
    """
    made: list[KnowledgeEntry] = []
    errors = []
    for number, row in enumerate(rows, start=2):  # as a table with a head counts
        if len(made) >= MOST_IMPORTED:
            raise field_error("file", "too_long", f"Expected at most {MOST_IMPORTED} rows.")
        entry = KnowledgeEntry(robot=robot, **row)
        try:
            _prepare(entry)
        except Problem as problem:
            errors.append({"field": "file", "code": "invalid", "detail": f"Row {number}: {problem.detail}"})
        made.append(entry)
    if errors:
        raise Problem("validation_failed", errors[0]["detail"], errors=errors[:20])
    by_question = {entry.question: entry for entry in made}  # the last of two rows counts
    with transaction.atomic():
        there = KnowledgeEntry.objects.select_for_update().filter(robot=robot, question__in=by_question)
        changed = list(there.order_by("id"))
        for entry in changed:
            entry.updated_at = timezone.now()
            for name in ("similar", "answer", "language", "enabled", "terms", "words"):
                setattr(entry, name, getattr(by_question[entry.question], name))
        columns = ["similar", "answer", "language", "enabled", "terms", "words", "updated_at"]
        KnowledgeEntry.objects.bulk_update(changed, columns, batch_size=500)
        known = {entry.question for entry in changed}
        new = [entry for entry in by_question.values() if entry.question not in known]
        KnowledgeEntry.objects.bulk_create(new, batch_size=500)
        record(
            "knowledge.imported",
            object_id=robot.pk if robot else "shared",
            audience=heard_by(),
            actor=actor,
            data={"robot": str(robot.pk) if robot else None, "created": len(new), "changed": len(changed)},
        )
    return len(new), len(changed)


def _prepare(entry: KnowledgeEntry) -> None:
    """Tidy an entry and note what it is found by. Raises Problem `validation_failed`."""
    entry.question, entry.answer = entry.question.strip(), entry.answer.strip()
    entry.similar = list(dict.fromkeys(text.strip() for text in entry.similar if text.strip()))
    if not entry.question or len(entry.question) > LONGEST_QUESTION:
        raise field_error(
            "question", "invalid", f"Expected 1 to {LONGEST_QUESTION} characters of a question."
        )
    if not entry.answer or len(entry.answer) > LONGEST_ANSWER:
        raise field_error("answer", "invalid", f"Expected 1 to {LONGEST_ANSWER} characters of an answer.")
    if len(entry.similar) > MOST_SIMILAR or any(len(text) > LONGEST_QUESTION for text in entry.similar):
        detail = f"Expected at most {MOST_SIMILAR} similar questions of {LONGEST_QUESTION} characters."
        raise field_error("similar", "invalid", detail)
    languages = [code for code, _ in settings.LANGUAGES]
    if entry.language not in ("", *languages):
        raise field_error("language", "invalid_choice", f"Expected nothing or one of {', '.join(languages)}.")
    if any("\x00" in text for text in (entry.question, entry.answer, *entry.similar)):
        raise field_error("question", "invalid", "Expected a text.")
    terms = {term for text in (entry.question, *entry.similar) for term in terms_of(text)}
    entry.terms, entry.words = sorted(terms), " ".join(sorted(filter(is_word, terms)))


def heard_by() -> list[str]:
    """Return the audience of what happens to knowledge; robots.queries.knowledge_visible_to says the same of
    reading it: everybody but tokens that are limited to teams.
    """
    return work_audience("messages", teams=[None])


def _check_may_write(caller: Any) -> None:
    """Raise Problem `role_not_permitted` but for supervisors and admins whom no team limits."""
    if caller is not None and not caller.sees_all:
        raise Problem("role_not_permitted", "Only supervisors and admins may do this.")


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is named of FIELDS, with the robot's row. Raises Problem `validation_failed`."""
    values = {name: given[name] for name in FIELDS if name in given}
    if isinstance(values.get("robot"), UUID):
        values["robot"] = Robot.objects.filter(pk=values["robot"]).first()
        if values["robot"] is None:
            raise field_error("robot", "not_found", "There is no such robot.")
    return values


def _locked(entry_id: UUID, caller: Any, match: Match | None) -> KnowledgeEntry:
    """Return an entry that the caller may write, locked."""
    entry = KnowledgeEntry.objects.select_for_update(of=("self",)).filter(pk=entry_id).first()
    if entry is None or (caller is not None and caller.limited):
        raise Problem("not_found")
    _check_may_write(caller)
    if match:
        shown = queries.entry(entry.pk)
        match(queries.etag(shown), shown)
    return entry


def _record(type: str, entry: KnowledgeEntry, actor: User, **data: Any) -> None:
    shown = {"id": str(entry.pk), "question": entry.question, **data}
    record(type, object_id=entry.pk, audience=heard_by(), actor=actor, data=shown)
