"""Signing in with a password, by username or by e-mail."""

import threading

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import User

# Argon2 takes 100 MB for each password it checks: a flood of sign-ins must not take them for every thread.
AT_ONCE = threading.BoundedSemaphore(2)


def named(name: str) -> User | None:
    """Return the user that a sign-in form names, by username or e-mail, whatever the case."""
    found = User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name))
    return found.order_by("created_at").first()


def counted_as(request: HttpRequest, credentials: dict | None = None) -> str:
    """Return under which name axes counts a failed sign-in: one for all the ways to write the same user."""
    given = (credentials or {}).get("username") or request.POST.get("username") or ""
    name = str(given).replace("\x00", "").strip()[:254]
    user = named(name)
    return user.get_username().casefold() if user else name.casefold()


class UsernameOrEmailBackend(BaseBackend):
    """Finds the user by username or e-mail, whatever the case; takes as long for a user that does not
    exist."""

    def authenticate(self, request, username=None, password=None, **extra):
        name = (username or extra.get("email") or "").strip()
        if not name or password is None or "\x00" in name:
            return None
        user = named(name)
        with AT_ONCE:
            if user is None:
                User().set_password(password)  # the same work, so that time does not tell who exists
                return None
            right = user.check_password(password)
        return user if right and user.is_active else None

    def get_user(self, user_id):
        return User.objects.filter(pk=user_id, is_active=True).first()
