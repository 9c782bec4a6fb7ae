"""Who may see what happens: the channels of an event, and the channels a caller listens to.

A channel is `<family>/<who>`; `<family>:read` opens a family, and who is `staff` (everybody with the scope),
`all` (who sees the work of all teams), `noteam` (work that no team owns), `team:<id>` or `user:<id>`.
"""

from collections.abc import Iterable
from uuid import UUID

FAMILIES = ("tickets", "messages", "users", "settings")


def work_audience(
    family: str, *, teams: Iterable[UUID | None], users: Iterable[UUID | None] = ()
) -> list[str]:
    """Return who sees a piece of work: supervisors, its teams (before and after a move), and the people on
    it."""
    channels = [f"{family}/all"]
    channels += [f"{family}/team:{team}" if team else f"{family}/noteam" for team in teams]
    channels += [f"{family}/user:{user}" for user in users if user]
    return channels


def channels(
    *, scopes: frozenset[str], user_id: UUID, team_ids: Iterable[UUID], sees_all: bool, limited: bool
) -> frozenset[str]:
    """Return what a caller listens to. `limited` means a token's team limit: then only those teams' work."""
    heard: set[str] = set()
    for family in FAMILIES:
        if f"{family}:read" not in scopes:
            continue
        heard.add(f"{family}/staff")
        if sees_all:
            heard.add(f"{family}/all")
        else:
            heard.update(f"{family}/team:{team}" for team in team_ids)
            if not limited:
                heard.update((f"{family}/noteam", f"{family}/user:{user_id}"))
    if "tokens:read" in scopes:
        heard.add("tokens/all")
    if "tokens:self" in scopes:
        heard.add(f"tokens/user:{user_id}")
    return frozenset(heard)
