"""Whether a caller may do what a view does: its scope, asked in one way everywhere."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.errors import Problem

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class HasScope(BasePermission):
    """Lets through who holds the view's scope: `<family>:read` to read, `<family>:write` to change.

    A view names its `family`; `scopes = {"POST": "tokens:self"}` overrides single methods, None asks for a
    caller only.
    """

    def has_permission(self, request: Request, view) -> bool:
        caller = request.auth
        if caller is None:
            raise Problem("not_authenticated")
        scope = scope_of(view, request.method or "GET")
        if scope is not None:
            require(caller, scope)
        return True


def scope_of(view, method: str) -> str | None:
    """Return the scope that a method of a view asks for."""
    named = getattr(view, "scopes", {})
    if method in named:
        return named[method]
    family = getattr(view, "family", "")
    if not family:
        return None
    return f"{family}:{'read' if method in READING else 'write'}"


def require(caller, scope: str) -> None:
    """Raise Problem `insufficient_scope`, naming the scope, unless the caller holds it."""
    if not caller.allows(scope):
        caller.denied(scope)
        raise Problem("insufficient_scope", f"This needs the scope {scope}.", scope=scope)
