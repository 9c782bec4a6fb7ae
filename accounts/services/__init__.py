"""Every write of people and teams."""

from accounts.services.passwords import change_password, set_password
from accounts.services.presence import set_status
from accounts.services.teams import change_team, create_team, delete_team
from accounts.services.users import change_user, create_user, deactivate_user

__all__ = [
    "change_password",
    "change_team",
    "change_user",
    "create_team",
    "create_user",
    "deactivate_user",
    "delete_team",
    "set_password",
    "set_status",
]
