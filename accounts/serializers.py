"""What comes in about people and teams (api.inputs reads it); what goes out is in queries."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from api.errors import field_error
from api.inputs import sent


class Reference(Struct):
    """`{"id": …}`: how a whole object that is sent back names another one."""

    id: UUID


References = Annotated[list[UUID | Reference], Meta(max_length=1000)]
Text = Annotated[str, Meta(max_length=500)]
Skills = Annotated[list[Text], Meta(max_length=100)]


class ProfileInput(Struct, rename="camel"):
    """What everybody may change of himself."""

    nickname: Text | UnsetType = UNSET
    avatar: Text | UnsetType = UNSET
    language: Text | UnsetType = UNSET
    timezone: Text | UnsetType = UNSET
    status: Text | UnsetType = UNSET


class UserInput(ProfileInput, rename="camel"):
    """What may be changed of a user; `role` and `roles` (a list of one) mean the same."""

    username: Text | UnsetType = UNSET
    email: Text | UnsetType = UNSET
    role: Text | UnsetType = UNSET
    roles: Annotated[list[str], Meta(min_length=1, max_length=1)] | UnsetType = UNSET
    teams: References | UnsetType = UNSET
    is_active: bool | UnsetType = field(default=UNSET, name="active")
    password: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    capacity: Annotated[int, Meta(ge=0, le=1000)] | UnsetType = UNSET
    skills: Skills | UnsetType = UNSET


class PasswordInput(Struct, rename="camel"):
    """A change of one's own password."""

    current_password: str
    new_password: str


class TeamInput(Struct, rename="camel"):
    name: Text | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    members: References | UnsetType = UNSET
    routing: Text | UnsetType = UNSET
    overflow_team: UUID | Reference | None | UnsetType = UNSET
    overflow_seconds: Annotated[int, Meta(ge=0, le=86_400)] | UnsetType = UNSET
    hours: dict[str, Any] | None | UnsetType = UNSET


def changes_of(read_in: Struct) -> dict[str, Any]:
    """Return what was sent as services take it: one role, teams and members as ids."""
    changes = sent(read_in)
    if "roles" in changes:
        changes.setdefault("role", changes.pop("roles")[0])
    changes.pop("roles", None)
    for name in ("teams", "members"):
        if name in changes:
            changes[name] = [each.id if isinstance(each, Reference) else each for each in changes[name]]
    if isinstance(changes.get("overflow_team"), Reference):
        changes["overflow_team"] = changes["overflow_team"].id
    return changes


def required(changes: dict[str, Any], name: str) -> Any:
    """Return a member that must be there. Raises Problem `validation_failed`."""
    if name not in changes:
        raise field_error(name, "required", "This field is required.")
    return changes[name]
