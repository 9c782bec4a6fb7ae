"""What a token may be allowed to do: names, and what each opens, as the issue form shows them."""

from collections.abc import Iterable

from accounts import roles
from api.errors import field_error

MEANINGS = {
    "login:agent": "Open the agent workstation",
    "login:admin": "Open the admin (the user must be an admin)",
    "tickets:read": "Read tickets",
    "tickets:write": "Create and change tickets",
    "messages:read": "Read messages, threads and visitors",
    "messages:write": "Send messages and work on threads",
    "users:read": "Read people and teams",
    "users:write": "Change people and teams",
    "statistics:read": "Read statistics",
    "settings:read": "Read settings",
    "settings:write": "Change settings",
    "tokens:self": "Issue and manage the user's own tokens",
    "tokens:read": "Read all tokens",
    "tokens:write": "Issue and manage all tokens",
    "events:read": "Read the changes feed and its stream",
}
assert set(MEANINGS) == set(roles.SCOPES)


def checked(names: Iterable[str], role: str) -> list[str]:
    """Return the scopes in one order; none means all that the role includes. Raises Problem
    `validation_failed`."""
    wanted = set(names) or set(roles.rights(role))
    if unknown := wanted - set(MEANINGS):
        raise field_error("scopes", "unknown_scope", f"Unknown scope: {', '.join(sorted(unknown))}.")
    return [name for name in MEANINGS if name in wanted]
