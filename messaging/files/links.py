"""Links to files: signed, short-lived, and the same for an hour, so that browsers may keep what they lead to.

`/files/{id}/{expiry}.{signature}/{name}`; a `t` before the expiry is the thumbnail. Whoever holds one may
read the file until it expires: no cookie is asked for, which a framed page may not have.
"""

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from django.conf import settings

from messaging.files import kinds

LIFETIME = 3600  # seconds that a link lasts at least; at most twice that
THUMBNAIL = "t"


def of(attachment_id: UUID | str, name: str, *, thumbnail: bool = False, now: float | None = None) -> str:
    """Return the path at which a file can be read for the next hour at least."""
    expiry = (int(time.time() if now is None else now) // LIFETIME + 2) * LIFETIME
    ticket = f"{THUMBNAIL if thumbnail else ''}{expiry}"
    return f"/files/{attachment_id}/{ticket}.{_sign(str(attachment_id), ticket)}/{quote(name, safe='')}"


def from_place(place: str) -> str:
    """Return the link of a row, from `<id>/<name>`."""
    attachment_id, _, name = place.partition("/")
    return of(attachment_id, name)


def thumbnail_from_place(place: str | None) -> str | None:
    """Return the link of a row's thumbnail, from `<id>/<name>`; None for one that has none."""
    if place is None:
        return None
    attachment_id, _, name = place.partition("/")
    return of(attachment_id, name, thumbnail=True)


def read(attachment_id: UUID, ticket: str) -> tuple[bool, int] | None:
    """Return whether a link is the thumbnail's, and the seconds it lasts (below 0: it is over).

    None for one that was not made here.
    """
    said, _, signature = ticket.partition(".")
    digits = said.removeprefix(THUMBNAIL)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        return None
    if not hmac.compare_digest(_sign(str(attachment_id), said).encode(), signature.encode()):
        return None
    return said != digits, int(digits) - int(time.time())


def is_shown(content_type: str, width: int | None) -> bool:
    """Whether a browser may show a file in place: of pictures, those that could be read and are no bombs."""
    return content_type in kinds.SHOWN and (content_type not in kinds.PICTURES or width is not None)


def without(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what an event says of an object with attachments: no link lasts as long as an event."""
    if not any(True for _ in _attachments(shown)):
        return shown
    shown = shown | {name: _copied(shown[name]) for name in ("attachment", "attachments") if name in shown}
    for each in _attachments(shown):
        each["url"] = ""
        each["thumbnailUrl"] = each["thumbnailUrl"] and ""
    return shown


def renewed(data: str | bytes) -> str | bytes:
    """Return the data of an event with links that work now, where it has any (events.queries.RENEWALS).

    Links are made from the members that services have written, never found in a text that somebody sent.
    """
    one, several = '"attachment": {', '"attachments": [{'
    text = data if isinstance(data, str) else data.decode()
    if one not in text and several not in text:
        return data
    said = orjson.loads(text)
    for each in _attachments(said):
        each["url"] = of(each["id"], each["name"])
        if each["thumbnailUrl"] is not None:
            each["thumbnailUrl"] = of(each["id"], each["name"], thumbnail=True)
    return orjson.dumps(said)


def _attachments(shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if shown.get("attachment"):
        yield shown["attachment"]
    yield from shown.get("attachments") or ()


def _copied(value: Any) -> Any:
    return [dict(each) for each in value] if isinstance(value, list) else value and dict(value)


def _sign(attachment_id: str, ticket: str) -> str:
    key = settings.SECRET_KEY.encode()
    digest = hmac.digest(key, f"inlay.file:{attachment_id}:{ticket}".encode(), "sha256")
    return urlsafe_b64encode(digest[:18]).decode()
