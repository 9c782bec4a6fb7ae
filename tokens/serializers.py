"""What comes in about tokens (api.inputs reads it); what goes out is in queries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from api import inputs
from tokens.queries import TOKENS
from tokens.services.one_time import LONGEST_TTL
from tokens.services.rotating import LONGEST_GRACE

# Clients send whole objects back: what only goes out is ignored.
SHOWN = frozenset(TOKENS.columns) | {"use", "accessToken"}
Words = Annotated[list[Annotated[str, Meta(max_length=400)]], Meta(max_length=200)]
Moment = Annotated[datetime, Meta(tz=True)]


class Reference(Struct):
    """`{"id": …}`: how an object that the API showed names what it points to."""

    id: str


class TokenFields(Struct, rename="camel"):
    """The fields that a token is issued with and may be edited in; the services check what they mean."""

    name: Annotated[str, Meta(max_length=120)] | UnsetType = UNSET
    scopes: Words | UnsetType = UNSET
    teams: Annotated[list[UUID], Meta(max_length=200)] | UnsetType = UNSET
    domains: Words | UnsetType = UNSET
    allow_no_origin: bool | UnsetType = UNSET
    allowed_ips: Words | UnsetType = UNSET
    expires_at: Moment | UnsetType = UNSET


class NewToken(TokenFields, rename="camel"):
    """What a token is issued with; without `user` it is the caller's own, without `scopes` it may all.

    `user` is an id, a username or an e-mail address; `expiresIn` are seconds.
    """

    user: Annotated[str, Meta(max_length=150)] | Reference | UnsetType = UNSET
    expires_in: Annotated[int, Meta(ge=1, le=10**9)] | UnsetType = UNSET
    disabled: bool = False


class NewOneTime(Struct, rename="camel"):
    """Which surface a one-time token opens, and for how many seconds."""

    surface: Literal["agent", "admin"] = "agent"
    ttl: Annotated[int, Meta(ge=1, le=LONGEST_TTL)] = 60


class Rotation(Struct, rename="camel"):
    """How many seconds the old token still works; by default as the setting says."""

    grace: Annotated[int, Meta(ge=0, le=LONGEST_GRACE)] | None = None


class Revocation(Struct, rename="camel"):
    """Why a token ends for good."""

    reason: Annotated[str, Meta(max_length=300)] = ""


class Nothing(Struct):
    """No fields."""


def read(shape: type[inputs.Shape], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were sent, and defaults. Raises Problem `validation_failed` naming the field."""
    whole = SHOWN if issubclass(shape, TokenFields) else ()
    return inputs.sent(inputs.read(shape, data, shown=whole))
