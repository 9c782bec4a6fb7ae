"""Who gets a place among the uploads: decided before anything is read, without a thread and the database.

A place is worth an attack: who holds them all keeps everybody else's files out.
"""

from collections import Counter

from api.errors import Problem
from api.requests import site_of
from messaging.chat import credentials
from tokens import jwt
from tokens.authentication import TAB, bearer_of

SHARE = 4  # one address has at most this part of the places


class Places:
    """So many uploads at once, and of one address (api.requests.site_of) a quarter of them. Used on one event
    loop."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.taken: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        """Take a place for an address; False when there is none, or it has its share."""
        site, share = site_of(address), max(1, self.number // SHARE)
        if self.taken.total() >= self.number or self.taken[site] >= share:
            return False
        self.taken[site] += 1
        return True

    def give_back(self, address: str) -> None:
        site = site_of(address)
        self.taken[site] -= 1
        if not self.taken[site]:
            del self.taken[site]


def may_be_somebody(environ: dict) -> bool:
    """Whether an upload's credential is one that was issued here, as far as its signature says.

    A session's cookie and a tab's bearer are only known to the database: for these the share has to do.
    """
    header = environ.get("HTTP_AUTHORIZATION")
    if header is None:
        return "HTTP_COOKIE" in environ
    try:
        text = bearer_of(header) or ""
        if text.startswith(TAB):
            return True
        if text.startswith(credentials.PREFIX):
            return credentials.read(text) is not None
        jwt.verify(text)
    except Problem:
        return False
    return True
