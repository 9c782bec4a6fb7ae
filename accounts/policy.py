"""Who may change whom: the rules between an admin, a supervisor and an agent (issue 2 item 2).

A `caller` is `request.auth`; its scope `users:write` is already asked for by the view.
"""

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from accounts.roles import ADMIN, AGENT, rights
from api.errors import Problem

OWN_FIELDS = frozenset({"nickname", "avatar", "language", "timezone", "status"})
# Who changes these of somebody can be somebody.
TAKING_OVER = frozenset({"role", "password", "is_active", "username", "email"})
OF_AGENTS = frozenset(
    {"nickname", "teams", "status", "capacity", "skills"}
)  # what a supervisor changes of agents


def check_creates(caller: Any, role: str) -> None:
    """Raise Problem `role_not_permitted` unless the caller may create a user of the role."""
    _check_unlimited(caller)
    if not caller.is_admin:
        raise Problem("role_not_permitted", "Only admins create users.")
    _check_covers(caller, role)


def check_changes(caller: Any, target: User, names: Iterable[str], new_role: str) -> None:
    """Raise Problem `role_not_permitted` unless the caller may change these fields of the target.

    `names` are the fields whose value really changes, so that a whole object may be sent back.
    """
    changed = set(names)
    if not changed or (target.pk == caller.user_id and changed <= OWN_FIELDS):
        return
    _check_unlimited(caller)
    if caller.is_admin:
        if changed & TAKING_OVER or ADMIN in (target.role, new_role):
            _check_covers(caller, target.role, new_role)
        return
    if target.role != AGENT:
        raise Problem("role_not_permitted", "Supervisors change agents only.")
    if forbidden := changed - OF_AGENTS:
        raise Problem("role_not_permitted", f"Only admins change {', '.join(sorted(forbidden))}.")


def check_team_change(caller: Any, moved: Iterable[User] = ()) -> None:
    """Raise Problem `role_not_permitted` unless the caller may change a team and move these people."""
    _check_unlimited(caller)
    if not caller.is_admin and any(user.role != AGENT for user in moved):
        raise Problem("role_not_permitted", "Supervisors change agents only.")


def check_admin(caller: Any) -> None:
    """Raise Problem `role_not_permitted` unless the caller is an admin with a token that no team limits."""
    _check_unlimited(caller)
    if not caller.is_admin:
        raise Problem("role_not_permitted")


def _check_unlimited(caller: Any) -> None:
    # Somebody who may add people to teams could lift a team limit; so such a token manages nobody.
    if caller.limited:
        raise Problem("role_not_permitted", "A token that is limited to teams does not manage people.")


def _check_covers(caller: Any, *concerned: str) -> None:
    # A token with few scopes must not make, or take over, a user with a password who has more.
    if missing := frozenset().union(*map(rights, concerned)) - caller.scopes:
        raise Problem(
            "role_not_permitted",
            f"This takes all rights of the user concerned; this token lacks {', '.join(sorted(missing))}.",
        )
