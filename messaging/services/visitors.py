"""Visitors: found again when they return, changed by staff."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.audiences import work_audience
from accounts.models import User
from api.errors import Problem, field_error
from api.filters import Clause
from events.services import record
from messaging import queries
from messaging.models import Thread, Visitor

FIELDS = ("nickname", "email", "phone", "language", "avatar", "custom_fields")
VISITOR_FIELDS = (*FIELDS, "external_id", "device")
JSON_FIELDS = frozenset({"custom_fields", "device"})
NAMES = {"external_id": "externalId", "custom_fields": "customFields"}  # in JSON
LARGEST_CUSTOM_FIELDS = 16 * 1024  # bytes of JSON


def get_or_create_visitor(
    *,
    external_id: str = "",
    email: str = "",
    nickname: str = "",
    avatar: str = "",
    user: User | None = None,
    actor: User | None = None,
    visible: Iterable[Clause] = (),
) -> Visitor:
    """Return the visitor of a user, of the embedding site's id, or of an e-mail (in this order), made where
    new.

    With a nickname alone the visitor is always a new one: names are shared. One that is found stays as it
    is, and must be among those that `visible` leaves. Two at once make one. Raises Problem `not_found` when
    the caller may not know of the one there is, or `validation_failed`.
    """
    if user is not None:
        email, nickname = email or user.email, nickname or user.shown_name
        avatar = avatar or user.avatar
    made = Visitor(external_id=external_id, email=email, nickname=nickname.strip(), avatar=avatar, user=user)
    if not (external_id or email or made.nickname or user):
        raise field_error("visitor", "required", "Expected a nickname, an email or an externalId.")
    key: str
    who: dict[str, Any]
    if user is not None:
        key, who = f"user:{user.pk}", {"user": user}
    elif external_id:
        key, who = f"external:{external_id}", {"external_id": external_id}
    elif email:
        # Not who says so in a chat: what is written to that address would be read by whoever claims it.
        key, who = f"email:{email.lower()}", {"email__iexact": email, "external_id": "", "seen_at": None}
    else:
        return make_visitor(made, actor)
    with transaction.atomic():
        if found := _found(who, visible):
            return found
        with connection.cursor() as cursor:  # two at once: the second waits here, then finds
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"visitor:{key}"])
        return _found(who, visible) or make_visitor(made, actor)


def _found(who: Mapping[str, Any], visible: Iterable[Clause]) -> Visitor | None:
    """Return the visitor there is. Raises Problem `not_found` when the caller may not know of it."""
    found = Visitor.objects.filter(**who).order_by("created_at").first()
    if found and not queries.visitor_visible(found.pk, visible):
        raise Problem("not_found")
    return found


def change_visitor(
    *,
    visitor_id: UUID,
    changes: Mapping[str, Any],
    actor: User | None = None,
    match: Callable[[str, Any], None] | None = None,
) -> Visitor:
    """Change a visitor's FIELDS, its custom fields as a whole. Raises Problem `not_found`,
    `validation_failed`, `conflict`.
    """
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().filter(pk=visitor_id).first()
        if visitor is None:
            raise Problem("not_found")
        if match:
            shown = queries.VISITORS.one(('"messaging_visitor"."id" = %s', [visitor_id])) or {}
            match(queries.etag(shown), shown)
        changed = [name for name in FIELDS if name in changes and changes[name] != getattr(visitor, name)]
        if changed:
            for name in changed:
                setattr(visitor, name, changes[name])
            check_visitor(visitor, changed)
            visitor.updated_at = timezone.now()
            visitor.save(update_fields=[*changed, "updated_at"])
            named = [NAMES.get(name, name) for name in changed]
            record_visitor("visitor.updated", visitor, actor, teams=teams_of(visitor), changed=named)
    return visitor


def make_visitor(visitor: Visitor, actor: User | None = None) -> Visitor:
    """Store a new visitor and record it. Raises Problem `validation_failed`."""
    check_visitor(visitor, VISITOR_FIELDS)
    with transaction.atomic():
        visitor.save(force_insert=True)
        record_visitor("visitor.created", visitor, actor)
    return visitor


def check_visitor(visitor: Visitor, names: Collection[str]) -> None:
    """Raise Problem `validation_failed` where fields of these names cannot be stored as they are."""
    if "avatar" in names and visitor.avatar and not visitor.avatar.startswith(("https://", "http://", "/")):
        raise field_error("visitor.avatar", "invalid", "Expected an http(s) address or a path.")
    for name in JSON_FIELDS.intersection(names):
        _check_size(getattr(visitor, name), f"visitor.{NAMES.get(name, name)}")
    try:
        visitor.clean_fields(exclude=[each.name for each in visitor._meta.fields if each.name not in names])
    except ValidationError as error:
        errors = [
            {
                "field": f"visitor.{NAMES.get(field, field)}",
                "code": each.code or "invalid",
                "detail": each.messages[0],
            }
            for field, problems in error.error_dict.items()
            for each in problems
        ]
        raise Problem("validation_failed", errors[0]["detail"], errors=errors) from None


def _check_size(value: Mapping[str, Any], field: str) -> None:
    try:
        size = len(orjson.dumps(value))
    except TypeError:  # a number of more than 64 bits
        raise field_error(field, "invalid", "A number is out of range.") from None
    if size > LARGEST_CUSTOM_FIELDS:
        raise field_error(field, "too_large", f"Expected at most {LARGEST_CUSTOM_FIELDS:,} bytes.")


def teams_of(visitor: Visitor) -> Iterable[UUID | None]:
    """Return the teams that a visitor wrote to."""
    wrote_to = Thread.objects.filter(visitor=visitor).order_by().values_list("team_id", flat=True)
    return wrote_to.distinct()


def record_visitor(
    type: str, visitor: Visitor, actor: User | None, *, teams: Iterable[UUID | None] = (), **data: Any
) -> None:
    """Record an event for everybody who sees all visitors (agents hear what no team owns), and for tokens
    that are limited to `teams`: queries.visitors_visible_to says the same of reading.
    """
    record(
        type,
        object_id=visitor.pk,
        audience=work_audience("messages", teams=[None, *teams]),
        actor=actor,
        data={"id": str(visitor.pk), **data},
    )
