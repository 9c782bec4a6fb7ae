"""Every write of people and teams."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.roles import AGENT
from api.errors import Problem
from events.services import record


def create_user(
    *, username: str, role: str = AGENT, password: str | None = None, actor: Any = None, **fields: Any
) -> User:
    """Create a user; without a password only tokens sign it in. Raises Problem `validation_failed` or `already_exists`."""
    user = User(username=username, role=role, **fields)
    user.set_password(password)
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        errors = [
            {"field": field, "code": each.code or "invalid", "detail": " ".join(each.messages)}
            for field, problems in error.error_dict.items()
            for each in problems
        ]
        raise Problem("validation_failed", errors=errors) from None
    with transaction.atomic():
        user.save(force_insert=True)
        record(
            "user.created",
            object_id=user.pk,
            audience=["users/staff"],
            actor=actor,
            data={"id": str(user.pk), "username": user.username, "role": user.role},
        )
    return user
