"""Examples of answers for the schema: made from the schema itself, so that they always fit it."""

from typing import Any

MOMENT = "2026-11-23T09:30:00Z"
IDENTITY = "019b0000-0000-7000-8000-{:012d}"
WORDS: dict[str, Any] = {
    "title": "Parcel has not arrived",
    "content": "It was announced for Monday.",
    "topic": "Delivery",
    "username": "ann",
    "nickname": "Ann",
    "email": "ann@example.com",
    "avatar": "",
    "name": "Support",
    "description": "First line",
    "type": "question",
    "date": "2026-11-23",
    "day": "2026-11-23",
    "timezone": "Europe/Berlin",
    "language": "en",
    "accessToken": "eyJhbGciOiJIUzM4NCJ9.….…",
    "hint": "x4Qm2A",
    "origin": "https://portal.example.com",
    "lastUsedOrigin": "https://portal.example.com",
    "ip": "203.0.113.7",
    "lastUsedIp": "203.0.113.7",
    "tags": ["delivery"],
    "domains": ["portal.example.com"],
    "scopes": ["login:agent", "tickets:read"],
    "allowedIps": [],
    "limit": 50,
}
NUMBERS = {
    "user": 1,
    "team": 2,
    "visitor": 3,
    "ticket": 4,
    "thread": 5,
    "message": 6,
    "token": 7,
    "attachment": 9,
}
NUMBERS |= {"assignee": 1, "agent": 1, "createdBy": 1, "actor": 1, "member": 1, "requester": 3, "family": 7}
# What has not happened yet to an object that is new.
LATER = {"resolvedAt", "closedAt", "revokedAt", "usedAt", "graceUntil", "parent"}


def sample(schema: dict[str, Any], name: str = "", sent: Any = None, kind: str = "") -> Any:
    """Return a value that fits the schema; members that `sent` (a body) has too are taken from it."""
    if "const" in schema:
        return schema["const"]
    if "oneOf" in schema:
        return sample(schema["oneOf"][0], name, sent, kind)
    types = schema.get("type", "null")
    if name in LATER and "null" in types:
        return None
    first = types if isinstance(types, str) else types[0]
    if first == "object":
        given = sent if isinstance(sent, dict) else {}
        about = name if name in NUMBERS else kind
        return {
            member: sample(inner, member, given.get(member), about)
            for member, inner in schema.get("properties", {}).items()
        }
    if first == "array":
        whole = sent if isinstance(sent, list) else WORDS.get(name)
        if (
            whole is not None
            and schema["items"].get("type") == "string"
            and not schema["items"].get("format")
        ):
            return whole
        return [sample(schema["items"], name.removesuffix("s"), None, kind)] if "items" in schema else []
    return _scalar(schema, first, name, sent, kind)


def _scalar(schema: dict[str, Any], first: str, name: str, sent: Any, kind: str) -> Any:
    match first:
        case "string" if "enum" in schema:
            return sent if sent in schema["enum"] else schema["enum"][0]
        case "string" if schema.get("format") == "uuid":
            return IDENTITY.format(NUMBERS.get(name.removesuffix("Uid"), NUMBERS.get(kind, 4)))
        case "string" if schema.get("format") == "date-time":
            return sent if isinstance(sent, str) else MOMENT
        case "string":
            return sent if isinstance(sent, str) else WORDS.get(name, "")
        case "integer":
            return sent if type(sent) is int else WORDS.get(name, 1)
        case "boolean":
            return sent if isinstance(sent, bool) else name in ("active", "works")
        case "number":
            return 92.5
    return None
