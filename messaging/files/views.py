"""`/files/…`: what a signed link leads to. It asks for no session, so it works in every frame."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from api.errors import Problem, page
from messaging.files import links, pictures, stored
from messaging.models import Attachment

# Nothing in a file runs: no script, no form, no plug-in, and it is a page of nobody's origin.
POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
# Browsers' own viewers of PDF are no part of the page, and refuse to work in a sandboxed one.
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
CHUNK = 128 * 1024


@require_safe
def file(request: HttpRequest, id: UUID, ticket: str, name: str) -> HttpResponseBase:
    """Give a file to whoever holds a link to it; its name in the address is for people alone."""
    judged = links.read(id, ticket)
    if judged is None:
        return page(request, Problem("not_found"))
    is_thumbnail, seconds = judged
    if seconds <= 0:
        return page(request, Problem("link_expired"))
    found = Attachment.objects.filter(pk=id).first()
    if found is None or (is_thumbnail and not found.thumbnail):
        return page(request, Problem("not_found"))
    response = _thumbnail(request, found) if is_thumbnail else _whole(request, found)
    if response.status_code >= 400:
        return response  # what is wrong now is not kept by browsers
    response.headers.setdefault("Cache-Control", f"private, max-age={seconds}, immutable")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = (
        PDF_POLICY if response.get("Content-Type") == "application/pdf" else POLICY
    )
    # A page that was given the link may show and read the file: no cookie takes part in it.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Access-Control-Allow-Origin"] = "*"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _whole(request: HttpRequest, found: Attachment) -> HttpResponseBase:
    inline = links.is_shown(found.content_type, found.width)
    return _give(request, found, found.key, found.content_type, found.size, inline=inline)


def _thumbnail(request: HttpRequest, found: Attachment) -> HttpResponseBase:
    return _give(request, found, stored.thumbnail_key(found.key), pictures.THUMBNAIL_TYPE, None, inline=True)


def _give(
    request: HttpRequest, found: Attachment, key: str, content_type: str, size: int | None, *, inline: bool
) -> HttpResponseBase:
    """Return what is stored under a key, or the way to it where the storage has addresses of its own."""
    if stored.is_remote():
        address = stored.address(key, name=found.name, content_type=content_type, inline=inline)
        redirect = HttpResponse(status=302, headers={"Location": address})
        redirect["Cache-Control"] = f"private, max-age={stored.ADDRESS_LASTS.total_seconds() // 2:.0f}"
        return redirect
    storage = stored.storage()
    etag = f'"{found.sha256[:32]}{"" if size is not None else "-t"}"'
    if etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        return HttpResponse(status=304, headers={"ETag": etag})
    if not storage.exists(key):
        return page(request, Problem("not_found"))
    size = storage.size(key) if size is None else size
    start, end = _range(request, etag, size)
    if start >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    body = _read(key, start, end) if request.method == "GET" else iter(())
    response = StreamingHttpResponse(body, content_type=content_type)
    response["Content-Length"] = str(end - start)
    response["Content-Disposition"] = content_disposition_header(not inline, found.name) or "inline"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    if end - start < size:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _range(request: HttpRequest, etag: str, size: int) -> tuple[int, int]:
    """Return the part that is asked for (RFC 9110 section 14), all of it where several parts or none are."""
    found = RANGE.fullmatch(request.META.get("HTTP_RANGE", "").replace(" ", ""))
    condition = request.META.get("HTTP_IF_RANGE", etag)
    if found is None or condition != etag or found[0] == "bytes=-":
        return 0, size
    first, last = found[1], found[2]
    if not first:  # the last so many bytes
        return max(0, size - int(last)) if int(last) else size, size
    if last and int(last) < int(first):
        return 0, size
    return int(first), min(int(last) + 1, size) if last else size


def _read(key: str, start: int, end: int) -> Iterator[bytes]:
    with stored.storage().open(key) as opened:
        opened.seek(start)
        left = end - start
        while left > 0 and (chunk := opened.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
