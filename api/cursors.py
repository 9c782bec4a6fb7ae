"""Keyset cursors: opaque words that name a place in an ordering, so that page 10,000 costs what page 1
costs."""

import base64
from dataclasses import dataclass

import orjson

from api.errors import Problem


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place: the ordering it belongs to, whether one reads backwards from it, and the row's (key, id)."""

    ordering: str
    backwards: bool
    key: str
    id: str

    def encode(self) -> str:
        """Return the cursor as one URL-safe word."""
        packed = orjson.dumps([self.ordering, int(self.backwards), self.key, self.id])
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(text: str, ordering: str) -> Cursor:
    """Return the cursor of a client. Raises Problem `invalid_cursor` when it is none, or of another
    ordering."""
    try:
        packed = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        cursor = Cursor(str(packed[0]), bool(packed[1]), str(packed[2]), str(packed[3]))
    except (ValueError, TypeError, KeyError, IndexError):
        raise Problem("invalid_cursor") from None
    if cursor.ordering != ordering or "\x00" in cursor.key + cursor.id:
        raise Problem("invalid_cursor", "This cursor belongs to another ordering.")
    return cursor
