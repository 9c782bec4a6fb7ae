"""What clients may write on a ticket: each field read strictly, all mistakes named at once."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from api.errors import Problem
from api.filters import parse_moment
from tickets.models import Status
from tickets.queries import PRIORITIES, TICKETS

LONGEST_TITLE = 300
LONGEST_CONTENT = 100_000  # characters
MOST_TAGS, LONGEST_TAG = 20, 40
LARGEST_CUSTOM_FIELDS = 16 * 1024  # bytes of JSON


class Wrong(Exception):
    """A value that a field does not take: a code and a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail


def read(body: Mapping[str, Any], *, creating: bool = False) -> dict[str, Any]:
    """Return the writable fields of a request's body under their public names, checked and converted.

    Members that a ticket shows but nobody writes (`number`, `createdAt`, …) are ignored, for clients send
    whole objects back. Raises Problem `validation_failed` with every field that is wrong or unknown.
    """
    values: dict[str, Any] = {}
    errors = []
    for name, given in body.items():
        try:
            if name in READERS and (creating or name not in ONLY_NEW):
                values[name] = READERS[name](given)
            elif name not in TICKETS.columns:
                raise Wrong("unknown_field", "A ticket has no such field.")
        except Wrong as wrong:
            errors.append({"field": name[:80], "code": wrong.code, "detail": wrong.detail})
    if creating and "title" not in body and not body.get("originThread"):  # which says what it is about
        errors.append({"field": "title", "code": "required", "detail": "A ticket needs a title."})
    if errors:
        raise Problem("validation_failed", errors=errors)
    return values


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise Wrong("invalid", "Expected a text.")
    if "\x00" in value:
        raise Wrong("invalid", "The character U+0000 cannot be stored.")
    if len(value) > longest:
        raise Wrong("max_length", f"Expected at most {longest:,} characters.")
    return value


def _title(value: Any) -> str:
    if title := _text(value, LONGEST_TITLE).strip():
        return title
    raise Wrong("blank", "A ticket needs a title.")


def _content(value: Any) -> str:
    return "" if value is None else _text(value, LONGEST_CONTENT)


def _type(value: Any) -> str:
    return "" if value is None else _text(value, 40).strip()


def _one_of(choices: Mapping[str, Any]) -> Callable[[Any], Any]:
    def choose(value: Any) -> Any:
        if isinstance(value, str) and value in choices:
            return choices[value]
        raise Wrong("invalid_choice", f"Expected one of {', '.join(choices)}.")

    return choose


def _tags(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise Wrong("invalid", "Expected a list of texts.")
    tags = [tag for tag in dict.fromkeys(_text(tag, LONGEST_TAG).strip() for tag in value) if tag]
    if len(tags) > MOST_TAGS:
        raise Wrong("too_many", f"Expected at most {MOST_TAGS} tags.")
    return tags


def _custom_fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong("invalid", "Expected an object.")
    try:
        size = len(orjson.dumps(value))
    except TypeError:  # a number of more than 64 bits
        raise Wrong("invalid", "A number is out of range.") from None
    if size > LARGEST_CUSTOM_FIELDS:
        raise Wrong("too_large", f"Expected at most {LARGEST_CUSTOM_FIELDS:,} bytes.")
    return value


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_moment("dueAt", value if isinstance(value, str) else "")
    except Problem:
        raise Wrong("invalid", "Expected a time in ISO 8601, or null.") from None


def _id(value: Any, expected: str) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise Wrong("invalid", f"Expected {expected}.") from None


def _reference(expected: str, *, me: bool = False) -> Callable[[Any], Any]:
    """Read an id, null, the object that a ticket shows in this place, and (where it makes sense) `me`."""

    def refer(value: Any) -> uuid.UUID | str | None:
        if isinstance(value, dict) and "id" in value:
            value = value["id"]
        if value is None or (me and value == "me"):
            return value
        return _id(value, expected)

    return refer


def _requester(value: Any) -> uuid.UUID | dict[str, str] | None:
    """Read an id, null, or {nickname, email} of somebody who may be new."""
    if not isinstance(value, dict):
        return _reference("the id of a visitor or user, or {nickname, email}")(value)
    if value.get("id") is not None:
        return _id(value["id"], "the id of a visitor or user")
    if unknown := set(value) - {"id", "uid", "nickname", "email", "avatar"}:
        raise Wrong("unknown_field", f"A requester has no {min(unknown)[:80]!r}.")
    nickname = _text(value.get("nickname") or "", 120).strip()
    email = _text(value.get("email") or "", 254).strip()
    if not (nickname or email):
        raise Wrong("required", "Expected a nickname, an email, or both.")
    try:
        validate_email(email) if email else None
    except ValidationError:
        raise Wrong("invalid", "This is no e-mail address.") from None
    return {"nickname": nickname, "email": email}


READERS: dict[str, Callable[[Any], Any]] = {
    "title": _title,
    "content": _content,
    "priority": _one_of(PRIORITIES),
    "status": _one_of({status: status for status in Status.values}),
    "type": _type,
    "tags": _tags,
    "requester": _requester,
    "assignee": _reference("the id of a user, `me` or null", me=True),
    "team": _reference("the id of a team, or null"),
    "customFields": _custom_fields,
    "dueAt": _moment,
    "originThread": _reference("the id of a conversation, or null"),
}
ONLY_NEW = frozenset({"originThread"})  # what nobody changes later
