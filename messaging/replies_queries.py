"""Every read of canned replies: which ones a caller sees, their list, one of them, and one filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.queries import Found
from api.errors import Problem
from api.filters import Clause, Id, refuse
from api.ids import id_array
from api.lists import Expression, FastList
from messaging.files import shown as files
from messaging.models import CannedReply, Thread
from messaging.queries import etag, visible_to
from settings_app.queries import setting

__all__ = ["REPLIES", "etag", "rendered", "replies_visible_to", "reply", "reply_shown"]

SCOPES = ("personal", "team", "shared")
SCOPE = "CASE WHEN {0} IS NOT NULL THEN 'personal' WHEN {1} IS NOT NULL THEN 'team' ELSE 'shared' END"
OWNER, TEAM = '"messaging_cannedreply"."owner_id"', '"messaging_cannedreply"."team_id"'
VARIABLE = re.compile(r"\{\{\s*([a-z]+\.[a-z]+)\s*\}\}")


class FoundReply(Found):
    """The text occurs in the shortcut, the title or the content."""


@dataclass(frozen=True)
class OfScope:
    """One or several of personal, team and shared, separated by commas."""

    path: str

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        words = text.split(",")
        if not set(words) <= set(SCOPES):
            raise refuse(name, text, f"one or several of {', '.join(SCOPES)}")
        return f"{SCOPE.format(OWNER, TEAM)} = ANY(%s)", [words]


REPLIES = FastList(
    model=CannedReply,
    columns={
        "id": "id",
        "uid": "id",
        "shortcut": "shortcut",
        "title": "title",
        "content": "content",
        "scope": Expression(SCOPE.format("{owner_id}", "{team_id}")),
        "team": {"id": "team_id", "name": "team__name"},
        "attachments": Expression(files.OF_REPLY, files.of_reply),
        "createdAt": "created_at",
        "updatedAt": "updated_at",
    },
    filters={
        "scope": OfScope("id"),
        "team": Id("team_id"),
        "q": FoundReply(
            "id", tuple(f'"messaging_cannedreply"."{n}"' for n in ("shortcut", "title", "content"))
        ),
    },
    orderings={"createdAt": "created_at", "updatedAt": "updated_at", "shortcut": "shortcut"},
)
# What fills a reply in, by the names that variables have.
VALUES = FastList(
    model=Thread,
    columns={
        "visitor.nickname": "visitor__nickname",
        "visitor.email": "visitor__email",
        "team.name": "team__name",
    },
)


def replies_visible_to(caller: Any) -> list[Clause]:
    """Return what narrows canned replies to those a caller sees: its own, its teams', and the shared ones.

    Who sees the work of all teams sees their replies too; a token's team limit leaves those teams' alone.
    services.replies.heard_by says the same of events.
    """
    if caller.limited:
        return [(f"{TEAM} = ANY(%s::uuid[])", [id_array(caller.team_ids)])]
    if caller.sees_all:
        return [(f"{OWNER} IS NULL OR {OWNER} = %s", [caller.user_id])]
    seen = f"{OWNER} = %s OR {TEAM} = ANY(%s::uuid[]) OR ({OWNER} IS NULL AND {TEAM} IS NULL)"
    return [(seen, [caller.user_id, id_array(caller.team_ids)])]


def reply(reply_id: UUID, caller: Any) -> dict[str, Any]:
    """Return one reply. Raises Problem `not_found` where the caller may not know of it."""
    return _found(REPLIES.one(_this(reply_id), *replies_visible_to(caller)))


def reply_shown(reply_id: UUID) -> dict[str, Any]:
    """Return one reply whoever may see it: for events."""
    return _found(REPLIES.one(_this(reply_id)))


def rendered(reply_id: UUID, thread_id: UUID, caller: Any) -> dict[str, Any]:
    """Return a reply's text with the variables filled in from a thread that the caller sees, and its files.

    What a thread lacks (a visitor, a team) becomes nothing. Each file may be sent as it is, again and again:
    sending makes a copy. Raises Problem `not_found`.
    """
    found = reply(reply_id, caller)
    values = _found(VALUES.one(('"messaging_thread"."id" = %s', [thread_id]), *visible_to(caller)))
    own = {"agent.nickname": caller.user.shown_name, "desk.name": setting("general", "deskName")}
    return {"content": filled_in(found["content"], values | own), "attachments": found["attachments"]}


def filled_in(content: str, values: Mapping[str, str | None]) -> str:
    """Return the text with each `{{name}}` that has a value replaced: once, so no value is a template."""
    return VARIABLE.sub(lambda found: (values[found[1]] or "") if found[1] in values else found[0], content)


def _this(reply_id: UUID) -> Clause:
    return '"messaging_cannedreply"."id" = %s', [reply_id]


def _found(shown: dict[str, Any] | None) -> dict[str, Any]:
    if shown is None:
        raise Problem("not_found")
    return shown
