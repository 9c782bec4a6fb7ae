"""What tests are made of: people, teams, tokens, through the desk's own services."""

import itertools
from typing import Any

from accounts.models import Team, User
from accounts.roles import ADMIN, AGENT, SUPERVISOR
from accounts.services import create_user
from tokens.models import AccessToken
from tokens.services import issue_token

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def user(role: str = AGENT, *, teams: list[Team] | None = None, **fields: Any) -> User:
    """Return a new user; `password=PASSWORD` lets it sign in with one."""
    number = next(_numbers)
    fields = {"username": f"{role}{number}", "email": f"{role}{number}@example.com"} | fields
    made = create_user(role=role, **fields)
    if teams:
        made.teams.set(teams)
    return made


def admin(**fields: Any) -> User:
    return user(ADMIN, **fields)


def supervisor(**fields: Any) -> User:
    return user(SUPERVISOR, **fields)


def agent(**fields: Any) -> User:
    return user(AGENT, **fields)


def team(name: str = "") -> Team:
    return Team.objects.create(name=name or f"Team {next(_numbers)}")


def token(owner: User | None = None, **options: Any) -> str:
    """Return the text of a new token of a user (a new agent where none is given); options as of
    issue_token."""
    return issue_token(user=owner or agent(), **options).text


def token_row(text: str) -> AccessToken:
    """Return the row of a token's text."""
    from tokens.jwt import hash_of

    return AccessToken.objects.get(token_hash=hash_of(text))
