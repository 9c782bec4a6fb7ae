"""The admin pages of access tokens and the sessions they opened (tokens.md sections 1, 2 and 6)."""

from tokens.admin.session_admin import HandoffSessionAdmin
from tokens.admin.token_admin import AccessTokenAdmin

__all__ = ["AccessTokenAdmin", "HandoffSessionAdmin"]
