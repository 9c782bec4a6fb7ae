"""Passwords: setting one ends every session that the old one opened."""

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from accounts.models import User
from api.errors import Problem, field_error
from events.services import announce_access_change, record

LONGEST = 256  # characters; hashing a megabyte would be a way to keep the desk busy


def check_password_rules(password: str, user: User, *, field: str = "password") -> None:
    """Raise Problem `validation_failed`, naming the field, for a password that the validators refuse."""
    if len(password) > LONGEST:
        raise field_error(field, "too_long", f"Expected at most {LONGEST} characters.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        errors = [
            {"field": field, "code": each.code or "invalid", "detail": " ".join(each.messages)}
            for each in error.error_list
        ]
        raise Problem("validation_failed", errors[0]["detail"], errors=errors) from None


def set_password(*, user: User, password: str, actor: User | None = None, field: str = "password") -> None:
    """Set a user's password. Sessions opened with the old one end: their hash of it no longer fits.

    Raises Problem `validation_failed`.
    """
    check_password_rules(password, user, field=field)
    user.set_password(password)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(password=user.password, updated_at=Now())
        record(
            "user.password_changed",
            object_id=user.pk,
            audience=["users/staff"],
            actor=actor,
            data={"id": str(user.pk), "username": user.username},
        )
        announce_access_change(f"user:{user.pk}")


def change_password(*, user: User, current: str, new: str, request: HttpRequest | None = None) -> None:
    """Change one's own password, knowing the current one; guesses count towards the lock-out (django-axes).

    Raises Problem `validation_failed`, or `role_not_permitted` where the user has none yet: whoever holds
    only a token must not gain a password by it, so the first one is an admin's to set.
    """
    if not user.has_usable_password():
        raise Problem("role_not_permitted", "You have no password yet: an admin can set one.")
    if len(current) > LONGEST or authenticate(request, username=user.username, password=current) is None:
        raise field_error("currentPassword", "invalid", "This is not your current password.")
    set_password(user=user, password=new, actor=user, field="newPassword")
