"""Who may see what happens: the channels of an event, and the channels a caller listens to.

A channel is `<family>/<who>`; `<family>:read` opens a family, and who is `staff` (everybody with the scope),
`all` (who sees the work of all teams), `noteam` (work that no team owns), `team:<id>` or `user:<id>`. A token
that is limited to teams hears `staff` and these teams alone.
"""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from accounts.roles import sees_everything

FAMILIES = ("tickets", "messages", "users", "settings")


def work_audience(
    family: str, *, teams: Iterable[UUID | None], users: Iterable[UUID | None] = ()
) -> list[str]:
    """Return who sees a piece of work: supervisors, its teams, and the people on it."""
    channels = [f"{family}/all"]
    channels += [f"{family}/team:{team}" if team else f"{family}/noteam" for team in teams]
    channels += [f"{family}/user:{user}" for user in users if user]
    return channels


def lost_audience(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Return the channels of those who saw a piece of work before a change and do not after it.

    A person whom a role or a team still shows it has lost nothing. A team has, though one of its members may
    see the work in another way: who is told first that it moved away, and then of its change, has it still.
    """
    kept = frozenset(after)
    gone = [channel for channel in before if channel not in kept]
    return [channel for channel in gone if not _still_hears(channel, kept)]


def _still_hears(channel: str, kept: frozenset[str]) -> bool:
    """Whether the channel is a person's who hears of the work through another one."""
    family, _, user_id = channel.partition("/user:")
    user = User.objects.filter(pk=user_id).first() if user_id else None
    if user is None:
        return False
    heard = channels(
        scopes=frozenset({f"{family}:read"}),
        user_id=user.pk,
        team_ids=user.teams.values_list("pk", flat=True),
        sees_all=sees_everything(user.role),
        limited=False,
    )
    return not heard.isdisjoint(kept)


def channels(
    *, scopes: frozenset[str], user_id: UUID, team_ids: Iterable[UUID], sees_all: bool, limited: bool
) -> frozenset[str]:
    """Return what a caller listens to. `limited` means a token's team limit: then only those teams' work.

    Who sees the work of all teams hears as a person too: what two colleagues say is in no other channel.
    """
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
                heard.add(f"{family}/noteam")
        if not limited:
            heard.add(f"{family}/user:{user_id}")
    if "tokens:read" in scopes:
        heard.add("tokens/all")
    if "tokens:self" in scopes:
        heard.add(f"tokens/user:{user_id}")
    return frozenset(heard)
