"""Every write of tokens: issue, edit, rotate, disable, enable, revoke, and what the clock does."""

from tokens.services.issuing import Issued, issue_token

__all__ = ["Issued", "issue_token"]
