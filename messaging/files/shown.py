"""How an attachment is shown: alone, in its message, and among those of a canned reply."""

from typing import Any

import orjson

from api.lists import Columns, Expression
from messaging.files import links

OF_REPLY = """coalesce((
    SELECT json_agg(json_build_object(
        'id', a.id, 'uid', a.id, 'name', a.name, 'size', a.size, 'contentType', a.content_type,
        'width', a.width, 'height', a.height, 'thumbnail', a.thumbnail) ORDER BY a.place, a.id)
    FROM messaging_attachment a WHERE a.reply_id = {id}), '[]')::text"""


def columns(prefix: str = "") -> Columns:
    """Return what is shown of an attachment; `prefix` is the ORM path that leads to it."""
    place = f"{{{prefix}id}}::text || '/' || {{{prefix}name}}"
    small = f"CASE WHEN {{{prefix}thumbnail}} THEN {place} END"
    return {
        "id": f"{prefix}id",
        "uid": f"{prefix}id",
        "name": f"{prefix}name",
        "size": f"{prefix}size",
        "contentType": f"{prefix}content_type",
        "width": f"{prefix}width",
        "height": f"{prefix}height",
        "url": Expression(place, links.from_place),
        "thumbnailUrl": Expression(small, links.thumbnail_from_place),
    }


def of_row(attachment: Any) -> dict[str, Any] | None:
    """Return an attachment's row as columns() shows it; None for none."""
    if attachment is None:
        return None
    link = links.of(attachment.pk, attachment.name)
    small = links.of(attachment.pk, attachment.name, thumbnail=True) if attachment.thumbnail else None
    return {
        "id": attachment.pk,
        "uid": attachment.pk,
        "name": attachment.name,
        "size": attachment.size,
        "contentType": attachment.content_type,
        "width": attachment.width,
        "height": attachment.height,
        "url": link,
        "thumbnailUrl": small,
    }


def of_reply(text: str) -> list[dict[str, Any]]:
    """Return the attachments of a canned reply, from OF_REPLY."""
    found: list[dict[str, Any]] = orjson.loads(text)
    for each in found:
        each["url"] = links.of(each["id"], each["name"])
        has_thumbnail = each.pop("thumbnail")
        each["thumbnailUrl"] = links.of(each["id"], each["name"], thumbnail=True) if has_thumbnail else None
    return found
