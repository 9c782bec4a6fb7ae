"""Mentions: colleagues who are named in a note, or in what colleagues say to each other."""

import re
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.audiences import channels
from accounts.models import User
from accounts.roles import sees_everything
from api.errors import Problem, field_error
from messaging.models import AMONG_COLLEAGUES, Visibility
from messaging.services.threads import Owned, heard_by

MOST = 50
# What a username may be made of; not inside an e-mail address, but right behind a Chinese character.
NAMED = re.compile(r"(?<![a-zA-Z0-9_@.+-])@(([a-zA-Z0-9_.@+-]*)[\w.@+-]{0,150})")


def mentioned(*, thread: Owned, visibility: str, content: str, ids: Iterable[UUID] = ()) -> list[UUID]:
    """Return the users whom a message mentions: those of `ids`, and every `@username` in its text.

    Only who sees the thread can be mentioned: an id of somebody else is refused, a name in the text is just
    text. Raises Problem `validation_failed`.
    """
    ids = list(dict.fromkeys(ids))
    if visibility != Visibility.INTERNAL and thread.type not in AMONG_COLLEAGUES:
        if ids:
            raise field_error("mentions", "invalid", "A visitor reads this: mention colleagues in a note.")
        return []
    names = _names(content)
    if not ids and not names:
        return []
    found = {user.pk: user for user in _users(ids, names)}
    heard = frozenset(heard_by(thread))
    seeing = [user_id for user_id, user in found.items() if user.is_active and _hears(user, heard)]
    errors = [
        {"field": "mentions", "code": "not_permitted", "detail": f"{each} cannot see this conversation."}
        if each in found
        else {"field": "mentions", "code": "not_found", "detail": f"There is no user {each}."}
        for each in ids
        if each not in seeing
    ]
    if errors:
        raise Problem("validation_failed", errors[0]["detail"], errors=errors)
    return [*ids, *(each for each in seeing if each not in ids)][:MOST]


def _names(content: str) -> list[str]:
    """Return the usernames that a text may mention, in lower case.

    Nothing says where one ends: a full stop may end the sentence, and Chinese goes on without a space.
    """
    words = [word[:150].lower() for found in list(NAMED.findall(content))[:MOST] for word in found]
    names = dict.fromkeys([*words, *(word.rstrip(".-+@") for word in words)])
    return [name for name in names if name]


def _users(ids: list[UUID], names: list[str]) -> Iterable[User]:
    users = User.objects.alias(lower=Lower("username")).prefetch_related("teams")
    return users.filter(Q(pk__in=ids) | Q(lower__in=names))


def _hears(user: User, heard: frozenset[str]) -> bool:
    mine = channels(
        scopes=frozenset({"messages:read"}),
        user_id=user.pk,
        team_ids=[team.pk for team in user.teams.all()],
        sees_all=sees_everything(user.role),
        limited=False,
    )
    return not mine.isdisjoint(heard)
