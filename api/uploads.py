"""Files coming in: one multipart form with the one field `file`, spooled to disk beyond a megabyte."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from api.errors import Problem, field_error

FRAMING = 64 * 1024  # bytes of a form that are not the file
# What a form may weigh; config.asgi refuses more before anything reads it, and this does for plain WSGI.
BODY_LIMIT = settings.UPLOAD_LIMIT + FRAMING


class FormParser(MultiPartParser):
    """Reads a multipart form. Raises Problem `body_too_large` or `bad_request`."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        length = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > BODY_LIMIT:
            raise Problem("body_too_large")
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError as error:
            raise Problem("bad_request", f"The form could not be read: {error.detail}.") from None


def uploaded(request: Request) -> UploadedFile:
    """Return the file of a form. Raises Problem `validation_failed` for any other form than that."""
    names = set(request.data)
    if unknown := names - {"file"}:
        raise field_error(min(unknown)[:80], "unknown_field", "Known fields: file.")
    files = request.FILES.getlist("file")
    if len(files) != 1:
        raise field_error("file", "required", "Expected one file.")
    found: UploadedFile = files[0]
    return found
