"""JSON going out: orjson, times in UTC with `Z`, ids as strings."""

from typing import Any

import orjson
from django.http import HttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def dumps(data: Any) -> bytes:
    """Return the data as JSON bytes; datetimes must be aware, lazy translations become text."""
    return orjson.dumps(data, default=str, option=OPTIONS)


def answer(data: Any, *, etag: str = "") -> HttpResponse:
    """Return the 200 of one object, or of a short list; `etag` makes later writes conditional."""
    response = HttpResponse(dumps(data), content_type="application/json")
    if etag:
        response["ETag"] = etag
    return response


class JSONRenderer(BaseRenderer):
    """The renderer that DRF and drf-spectacular see."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data, accepted_media_type=None, renderer_context=None) -> bytes:
        return dumps(data)


class OnlyJSON(BaseContentNegotiation):
    """Every answer is JSON whatever `Accept` says: negotiating costs time and surprises clients."""

    def select_parser(self, request, parsers):
        kind = (request.content_type or "application/json").split(";", 1)[0].strip().lower()
        for parser in parsers:
            if parser.media_type == kind:
                return parser
        return None

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
