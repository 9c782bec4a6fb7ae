"""JSON coming in, read strictly: nothing ambiguous, nothing deep, nothing PostgreSQL cannot store."""

import json
from typing import Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from api.errors import Problem


class JSONParser(BaseParser):
    """Reads one JSON document of at most API_BODY_LIMIT bytes and API_JSON_DEPTH levels.

    Raises Problem `invalid_json` (bad UTF-8, repeated keys, NaN, NUL, lone surrogates, too deep) or
    `body_too_large`.
    """

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        body = stream.read(settings.API_BODY_LIMIT + 1)
        if len(body) > settings.API_BODY_LIMIT:
            raise Problem("body_too_large")
        return loads(body)


def loads(body: bytes) -> Any:
    """Return the document in `body`; see JSONParser for what is refused."""
    if not body.strip():
        return {}
    try:
        document = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
        if _depth(body) > settings.API_JSON_DEPTH:
            raise Problem("invalid_json", f"Nested deeper than {settings.API_JSON_DEPTH} levels.")
        if b"\\u" in body or b"\x00" in body:
            _storable(document)
    except RecursionError:
        raise Problem("invalid_json", f"Nested deeper than {settings.API_JSON_DEPTH} levels.") from None
    except UnicodeError:
        raise Problem("invalid_json", "The body is not UTF-8, or holds half of a surrogate pair.") from None
    except ValueError as error:
        raise Problem("invalid_json", f"Not JSON: {error}.") from None
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is repeated in one object")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _depth(body: bytes) -> int:
    """Return how deep brackets nest, strings left out; quick, for most bodies have few brackets."""
    if body.count(b"[") + body.count(b"{") <= settings.API_JSON_DEPTH:
        return 0
    depth = deepest = 0
    inside = escaped = False
    for byte in body:
        if inside:
            inside = escaped or byte != 0x22
            escaped = not escaped and byte == 0x5C
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _storable(document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False)
    text.encode()
    if "\\u0000" in text:
        raise ValueError("the character U+0000 cannot be stored")
