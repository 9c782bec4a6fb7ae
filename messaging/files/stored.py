"""Where files are kept: `STORAGES["attachments"]`, a folder of this machine or a bucket (config.files)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.utils import timezone
from django.utils.http import content_disposition_header

ADDRESS_LASTS = timedelta(hours=1)  # of a bucket's own signed address


def storage() -> Storage:
    return storages["attachments"]


def new_key(attachment_id: Any) -> str:
    """Return where a file will be: by month, under a name that nobody chose."""
    return f"{timezone.now():%Y/%m}/{attachment_id}"


def thumbnail_key(key: str) -> str:
    return f"{key}.thumbnail"


def save(key: str, file: File, thumbnail: bytes) -> None:
    """Store a file, and its thumbnail where there is one."""
    if thumbnail:
        storage().save(thumbnail_key(key), ContentFile(thumbnail))
    storage().save(key, file)


def delete(key: str) -> None:
    """Delete a file and its thumbnail; one that is gone already is no error."""
    storage().delete(key)
    storage().delete(thumbnail_key(key))


def forget_broken_uploads(older_than: timedelta) -> int:
    """Delete what killed processes left of uploads; return how many. Files still open are younger."""
    oldest, gone = timezone.now().timestamp() - older_than.total_seconds(), 0
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def is_remote() -> bool:
    """Whether the storage gives out its own signed addresses, as buckets do."""
    return bool(getattr(storage(), "querystring_auth", False))


def address(key: str, *, name: str, content_type: str, inline: bool) -> str:
    """Return the storage's own signed address of a file, which says how it is to be shown."""
    said = {
        "ResponseContentType": content_type,
        "ResponseContentDisposition": content_disposition_header(not inline, name) or "inline",
        "ResponseCacheControl": f"private, max-age={int(ADDRESS_LASTS.total_seconds())}",
    }
    bucket: Any = storage()
    url: str = bucket.url(key, parameters=said, expire=int(ADDRESS_LASTS.total_seconds()))
    return url
