"""Every write of tokens: issue, edit, rotate, disable, enable, revoke, one-time tokens, and what the clock
does.
"""

from tokens.services.changing import disable_token, edit_token, enable_token, revoke_token
from tokens.services.clock import clean_up, disable_idle, expire_due, send_expiry_notices
from tokens.services.issuing import Issued, issue_token
from tokens.services.one_time import consume_one_time, issue_one_time
from tokens.services.rotating import rotate_token

__all__ = [
    "Issued",
    "clean_up",
    "consume_one_time",
    "disable_idle",
    "disable_token",
    "edit_token",
    "enable_token",
    "expire_due",
    "issue_one_time",
    "issue_token",
    "revoke_token",
    "rotate_token",
    "send_expiry_notices",
]
