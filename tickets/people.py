"""Whom a ticket may name: who asks, who works on it, which team owns it."""

from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Team, User
from api.errors import Problem, field_error
from messaging.queries import visitor_visible, visitors_visible_to
from messaging.services import get_or_create_visitor


def requester_id(wanted: UUID | dict[str, str] | None, caller: Any) -> UUID | None:
    """Return the visitor that a request names by a visitor's or user's id, or by {nickname, email}.

    Somebody with a known e-mail address is that visitor; somebody new becomes one, in the transaction of the
    ticket. Raises Problem `validation_failed` when it names nobody, or somebody of whom the caller may not
    know: of the two it is not said which.
    """
    if wanted is None:
        return None
    if isinstance(wanted, dict):
        return _found_or_made(caller, **wanted)
    if visitor_visible(wanted, visitors_visible_to(caller)):
        return wanted
    if wanted == caller.user_id:
        return own_visitor(caller)
    user = User.objects.filter(pk=wanted).first()
    if user is None:
        raise _unknown_requester()
    return _found_or_made(caller, user=user)


def own_visitor(caller: Any) -> UUID:
    """Return the visitor that a caller is when it asks for something itself."""
    with connection.cursor() as cursor:  # as every creation asks this, without the ORM's half a millisecond
        cursor.execute("SELECT id FROM messaging_visitor WHERE user_id = %s", [caller.user_id])
        row = cursor.fetchone()
    return row[0] if row else get_or_create_visitor(user=caller.user, actor=caller.user).pk


def _found_or_made(caller: Any, **who: Any) -> UUID:
    try:
        return get_or_create_visitor(**who, actor=caller.user, visible=visitors_visible_to(caller)).pk
    except Problem as problem:
        if problem.code != "not_found":
            raise
        raise _unknown_requester() from None


def _unknown_requester() -> Problem:
    return field_error("requester", "not_found", "There is no such visitor or user.")


def assignee_id(wanted: UUID | str | None, caller: Any) -> UUID | None:
    """Return the active user who is to work on a ticket; `me` is the caller. Raises Problem
    `validation_failed`."""
    if wanted is None or wanted == "me" or wanted == caller.user_id:
        return None if wanted is None else caller.user_id
    active = User.objects.filter(pk=wanted).values_list("is_active", flat=True).first()
    if active is None:
        raise field_error("assignee", "not_found", "There is no such user.")
    if not active:
        raise field_error("assignee", "user_inactive", "This user is not active.")
    return wanted  # type: ignore[return-value]


def team_id(wanted: UUID | None, caller: Any) -> UUID | None:
    """Return the team a caller may give a ticket to: supervisors any, agents their own or none, a token with
    a team limit only those of the limit. Raises Problem `role_not_permitted` or `validation_failed`."""
    if caller.sees_all:
        if wanted and not Team.objects.filter(pk=wanted).exists():
            raise field_error("team", "not_found", "There is no such team.")
    elif wanted is None and not caller.limited:
        return None
    elif wanted not in caller.team_ids:
        raise Problem("role_not_permitted", "You may give tickets only to teams of your own.")
    return wanted


def first_team(caller: Any) -> UUID | None:
    """Return the team of a new ticket that names none. Raises Problem `validation_failed` when a team limit
    leaves a choice."""
    if not caller.limited:
        return None
    if len(caller.team_ids) != 1:
        raise field_error("team", "required", "This token is limited to teams: say which one.")
    return caller.team_ids[0]
