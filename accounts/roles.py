"""What each role may do. A token never adds to this: effective right = scope ∩ the user's rights at this
moment."""

ADMIN, SUPERVISOR, AGENT = "admin", "supervisor", "agent"
ROLES = (ADMIN, SUPERVISOR, AGENT)

AGENT_RIGHTS = frozenset(
    {
        "login:agent",
        "tickets:read",
        "tickets:write",
        "messages:read",
        "messages:write",
        "users:read",
        "statistics:read",
        "settings:read",
        "tokens:self",
        "events:read",
    }
)
SUPERVISOR_RIGHTS = AGENT_RIGHTS | {"users:write"}
ADMIN_RIGHTS = SUPERVISOR_RIGHTS | {"login:admin", "settings:write", "tokens:read", "tokens:write"}

RIGHTS: dict[str, frozenset[str]] = {
    ADMIN: frozenset(ADMIN_RIGHTS),
    SUPERVISOR: frozenset(SUPERVISOR_RIGHTS),
    AGENT: AGENT_RIGHTS,
}
SCOPES: tuple[str, ...] = tuple(sorted(ADMIN_RIGHTS))


def rights(role: str) -> frozenset[str]:
    """Return the scopes a role includes; an unknown role includes none."""
    return RIGHTS.get(role, frozenset())


def sees_everything(role: str) -> bool:
    """Whether the role sees the work of all teams."""
    return role in (ADMIN, SUPERVISOR)
