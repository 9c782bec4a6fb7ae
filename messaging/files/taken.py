"""Which files the desk takes, as its settings say."""

from typing import Any

from django.conf import settings

from settings_app.queries import setting

MEBIBYTE = 1024 * 1024


def longest() -> int:
    """Return how many bytes a file may have."""
    return min(setting("chat", "attachmentMegabytes") * MEBIBYTE, settings.UPLOAD_LIMIT)


def taken() -> dict[str, Any]:
    """Return the content types that may be sent, and how large a file may be."""
    return {"types": setting("chat", "attachmentTypes"), "bytes": longest()}
