"""Ids of everything: UUIDv7, whose order is the order of creation, so that indexes grow at one end."""

import uuid
from collections.abc import Iterable

import uuid6

from api.errors import Problem


def new_id() -> uuid.UUID:
    """Return a new UUIDv7 (RFC 9562)."""
    return uuid.UUID(int=uuid6.uuid7().int)


def parse_id(value: object) -> uuid.UUID:
    """Return the id a client named. Raises Problem `not_found`: what is no id names nothing."""
    try:
        return uuid.UUID(str(value))
    except ValueError:
        raise Problem("not_found") from None


def id_array(ids: Iterable[uuid.UUID]) -> str:
    """Return ids as PostgreSQL writes an array of them, for `%s::uuid[]`; a list costs psycopg ten times as
    much.
    """
    return "{" + ",".join(map(str, ids)) + "}"
