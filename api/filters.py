"""Query parameters that narrow a list: each reads one value strictly and returns SQL for one column."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from api.errors import Problem

Clause = tuple[str, list[Any]]


class Filter(Protocol):
    @property
    def path(self) -> str: ...

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause: ...


def refuse(name: str, text: str, expected: str) -> Problem:
    """Return the 400 that names the parameter and what it would take."""
    return Problem("invalid_parameter", f"{name}={text[:80]!r}: expected {expected}.", parameter=name)


@dataclass(frozen=True)
class Choice:
    """One or several of a closed set, separated by commas: `status=open,pending`."""

    path: str
    values: Mapping[str, Any]

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        try:
            return f"{column} = ANY(%s)", [[self.values[word] for word in text.split(",")]]
        except KeyError:
            raise refuse(name, text, f"one or several of {', '.join(self.values)}") from None


@dataclass(frozen=True)
class Id:
    """One or several ids; `me` is the caller where the column names a user, `none` finds rows without one."""

    path: str
    me: bool = False

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        if text == "none":
            return f"{column} IS NULL", []
        ids = [
            caller.user_id if self.me and word == "me" else self._id(name, word) for word in text.split(",")
        ]
        return f"{column} = ANY(%s)", [ids]

    def _id(self, name: str, word: str) -> uuid.UUID:
        try:
            return uuid.UUID(word)
        except ValueError:
            raise refuse(name, word, "ids, `none`" + (" or `me`" if self.me else "")) from None


@dataclass(frozen=True)
class Exactly:
    """The same text."""

    path: str

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        return f"{column} = %s", [text]


@dataclass(frozen=True)
class Number:
    """The same whole number."""

    path: str

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise refuse(name, text, "a whole number")
        return f"{column} = %s", [int(text)]


@dataclass(frozen=True)
class Moment:
    """Before or after a time in ISO 8601; one without a zone is UTC."""

    path: str
    operator: str  # ">=" or "<"

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        return f"{column} {self.operator} %s", [parse_moment(name, text)]


@dataclass(frozen=True)
class Has:
    """All of these words are in an array column: `tags=vip,refund`."""

    path: str

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        return f"{column} @> %s::varchar[]", [text.split(",")]


def like(text: str) -> str:
    """Return an ILIKE pattern that finds the text anywhere, its own wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def parse_moment(name: str, text: str) -> datetime:
    """Return the aware time a parameter names. Raises Problem `invalid_parameter`."""
    try:
        # A `+` that was not percent-encoded arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse(name, text, "a time in ISO 8601") from None
