"""Who calls the chat's endpoints: a visitor, by its credential."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.errors import Problem
from messaging.chat import credentials
from messaging.models import Visitor
from messaging.services.audience import visitor_channel
from tokens import throttle
from tokens.authentication import bearer_of


@dataclass(slots=True)
class VisitorCaller:
    """`request.auth` of the chat's views, and what the hub asks of a stream's owner."""

    visitor: Visitor
    token_id: None = None
    expires_at: None = None
    present_as: None = None  # at the desk as nobody

    @property
    def user_id(self) -> UUID:
        return self.visitor.pk

    def allows(self, scope: str) -> bool:
        return scope == "events:read"  # of its own conversation: see channels()

    def denied(self, scope: str) -> None:
        pass

    def channels(self) -> frozenset[str]:
        return frozenset({visitor_channel(self.visitor.pk)})

    def recheck(self) -> "VisitorCaller":
        """Return the caller as it stands now. Raises Problem `session_ended` for a visitor that is gone."""
        return caller_of(self.visitor.pk)


def caller_of(visitor_id: UUID) -> VisitorCaller:
    """Return the caller that a visitor is. Raises Problem `session_ended` when there is no such visitor."""
    visitor = Visitor.objects.filter(pk=visitor_id).first()
    if visitor is None:
        raise Problem("session_ended")
    return VisitorCaller(visitor)


class VisitorAuthentication(BaseAuthentication):
    """`Authorization: Bearer vst_…`; access tokens are for agents and count for nothing here."""

    def authenticate(self, request: Request) -> tuple[Any, VisitorCaller] | None:
        http: Any = request._request
        http.cors_allowed = True  # no cookie counts here: a site may call with its visitor's credential
        header = http.META.get("HTTP_AUTHORIZATION")
        text = bearer_of(header) if header else None
        if text is None:
            return None
        visitor_id = credentials.read(text)
        try:
            if visitor_id is None:
                raise Problem("session_ended")
            caller = caller_of(visitor_id)
        except Problem as problem:
            throttle.count_failure("api", http.META.get("REMOTE_ADDR", ""), problem)
            raise
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="chat"'


class IsVisitor(BasePermission):
    """Lets visitors through. Raises Problem `not_authenticated` for everybody else."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            raise Problem("not_authenticated", "Open the chat first: POST /api/chat/open.")
        return True
