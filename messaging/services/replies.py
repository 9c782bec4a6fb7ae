"""Canned replies: made, changed and deleted by whom they belong to."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audiences import lost_audience, work_audience
from accounts.models import Team, User
from accounts.roles import sees_everything
from api.errors import Problem, field_error
from events.services import record
from messaging import replies_queries as queries
from messaging.files import links
from messaging.models import CannedReply
from messaging.services.attachments import give_to_reply
from messaging.services.messages import checked_text

FIELDS = ("shortcut", "title", "content")
Match = Callable[[str, Any], None]


def create_reply(
    *,
    shortcut: str,
    content: str,
    title: str = "",
    scope: str = "",
    team: UUID | None = None,
    attachments: Sequence[UUID] = (),
    actor: User,
    caller: Any = None,
) -> CannedReply:
    """Make a reply, with files that the actor has uploaded.

    Without a `scope` it is the team's where one is named, else the actor's own.

    `caller` is whose teams and limits count (None: an admin's page). Raises Problem `validation_failed`,
    `role_not_permitted` or `already_exists`.
    """
    reply = CannedReply(shortcut=shortcut, title=title, content=content)
    _check(reply)
    with transaction.atomic():
        _give(reply, scope or ("team" if team else "personal"), team, actor)
        _check_may_write(reply, actor, caller)
        _save(reply, force_insert=True)
        give_to_reply(reply=reply, attachments=attachments, user=actor)
        _record("reply.created", reply, actor)
    return reply


def change_reply(
    *,
    reply_id: UUID,
    changes: Mapping[str, Any],
    actor: User,
    caller: Any = None,
    match: Match | None = None,
) -> CannedReply:
    """Change a reply's `shortcut, title, content, scope, team`, or all its `attachments`.

    Who sees it no more hears that it is gone.

    Raises Problem `not_found`, `validation_failed`, `role_not_permitted`, `already_exists` or `conflict`.
    """
    with transaction.atomic():
        reply = _locked(reply_id, actor, caller, match)
        before, heard_before = _values(reply), heard_by(reply)
        for name in FIELDS:
            if name in changes:
                setattr(reply, name, changes[name])
        _check(reply)
        if "scope" in changes or "team" in changes:
            scope = changes.get("scope") or ("team" if changes.get("team") else scope_of(reply))
            stays = scope == scope_of(reply) == "team" and "team" not in changes
            _give(reply, scope, reply.team_id if stays else changes.get("team"), actor)
            _check_may_write(reply, actor, caller)
        files_changed = "attachments" in changes and give_to_reply(
            reply=reply, attachments=changes["attachments"], user=actor
        )
        if files_changed or _values(reply) != before:
            reply.updated_at = timezone.now()
            _save(reply, update_fields=[*FIELDS, "owner", "team", "updated_at"])
            if lost := lost_audience(heard_before, heard_by(reply)):
                record("reply.moved_away", object_id=reply.pk, audience=lost, actor=actor, data=_ids(reply))
            _record("reply.updated", reply, actor)
    return reply


def delete_reply(*, reply_id: UUID, actor: User, caller: Any = None, match: Match | None = None) -> None:
    """Delete a reply. Raises Problem `not_found`, `role_not_permitted` or `conflict`."""
    with transaction.atomic():
        reply = _locked(reply_id, actor, caller, match)
        record("reply.deleted", object_id=reply.pk, audience=heard_by(reply), actor=actor, data=_ids(reply))
        reply.delete()


def scope_of(reply: CannedReply) -> str:
    """Return whose a reply is: personal, team or shared."""
    return "personal" if reply.owner_id else "team" if reply.team_id else "shared"


def heard_by(reply: CannedReply) -> list[str]:
    """Return the audience of what happens to a reply; replies_visible_to says the same of reading it.

    What is shared is what no team owns: tokens limited to teams do not see it.
    """
    if reply.owner_id:
        return [f"messages/user:{reply.owner_id}"]
    return work_audience("messages", teams=[reply.team_id])


def _locked(reply_id: UUID, actor: User, caller: Any, match: Match | None) -> CannedReply:
    """Return a reply that the caller sees and may write, locked; everything is judged under the lock."""
    reply = CannedReply.objects.select_for_update().filter(pk=reply_id).first()
    if reply is None:
        raise Problem("not_found")
    shown = queries.reply(reply_id, caller) if caller else queries.reply_shown(reply_id)
    _check_may_write(reply, actor, caller)
    if match:
        match(queries.etag(shown), shown)
    return reply


def _give(reply: CannedReply, scope: str, team: UUID | None, actor: User) -> None:
    """Make a reply the actor's, a team's or everybody's. Raises Problem `validation_failed`."""
    if scope not in queries.SCOPES:
        raise field_error("scope", "invalid", f"Expected one of {', '.join(queries.SCOPES)}.")
    if scope == "team" and team is None:
        raise field_error("team", "required", "Expected the team whose reply it is.")
    if scope != "team" and team is not None:
        raise field_error("team", "invalid", "Only a reply of the scope `team` has one.")
    if team is not None and not Team.objects.filter(pk=team).exists():
        raise field_error("team", "not_found", "There is no such team.")
    reply.owner = actor if scope == "personal" else None
    reply.team_id = team


def _check_may_write(reply: CannedReply, actor: User, caller: Any) -> None:
    """Raise Problem `role_not_permitted` unless the reply is the actor's own, of one of its teams, or the
    actor is a supervisor or an admin; a token's team limit leaves those teams' replies.
    """
    scope = scope_of(reply)
    if caller is not None and caller.limited:
        if reply.team_id not in caller.team_ids:
            raise Problem("role_not_permitted", "This token is limited to its teams' replies.")
        return
    if scope == "personal" and reply.owner_id == actor.pk:
        return
    if scope == "team" and caller is not None and reply.team_id in caller.team_ids:
        return
    if scope == "personal" or not sees_everything(actor.role):
        who = {"team": "members of the team", "shared": "supervisors and admins"}.get(scope, "its owner")
        raise Problem("role_not_permitted", f"Only {who} may do this.")


def _check(reply: CannedReply) -> None:
    """Raise Problem `validation_failed` for what cannot be stored."""
    reply.shortcut = unicodedata.normalize("NFC", reply.shortcut.strip())
    if not 1 <= len(reply.shortcut) <= 40:
        raise field_error("shortcut", "invalid", "Expected 1 to 40 characters.")
    if not all(map(_in_shortcut, reply.shortcut)):
        raise field_error("shortcut", "invalid", "Expected letters of any script, digits, - and _.")
    reply.title = reply.title.strip()
    if len(reply.title) > 120:
        raise field_error("title", "too_long", "Expected at most 120 characters.")
    checked_text(reply.content)


def _in_shortcut(sign: str) -> bool:
    # Letters of any script with their marks, digits, and 〇, which Unicode counts among the numerals.
    kind = unicodedata.category(sign)
    return sign in "-_" or kind[0] in "LM" or kind in ("Nd", "Nl")


def _values(reply: CannedReply) -> tuple:
    return reply.shortcut, reply.title, reply.content, reply.owner_id, reply.team_id


def _save(reply: CannedReply, **options: Any) -> None:
    try:
        with transaction.atomic():
            reply.save(**options)
    except IntegrityError:
        detail = "Another reply of this scope has this shortcut."
        errors = [{"field": "shortcut", "code": "already_exists", "detail": detail}]
        raise Problem("already_exists", detail, errors=errors) from None


def _ids(reply: CannedReply) -> dict[str, str]:
    return {"id": str(reply.pk), "uid": str(reply.pk)}


def _record(type: str, reply: CannedReply, actor: User) -> None:
    shown = queries.reply_shown(reply.pk)
    data = links.without(shown)
    record(type, object_id=reply.pk, audience=heard_by(reply), actor=actor, data=data)
