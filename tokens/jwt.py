"""The text of an access token: made by simplejwt and PyJWT, verified by one MAC over exactly what we make.

tokens.md section 1: HS384 and a key id in the header, nothing else ever. A header is one of the few strings
that our own keys produce, so `alg: none`, another algorithm or an odd key id fail a dictionary look-up,
before any cryptography.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
import orjson
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.tokens import Token

from api.errors import Problem

ALGORITHM = "HS384"
LONGEST = 1100  # characters
SHAPE = re.compile(r"[A-Za-z0-9_-]{2,200}\.[A-Za-z0-9_-]{2,900}\.[A-Za-z0-9_-]{64}", re.ASCII)
SKEW = 60  # seconds by which another server's clock may be ahead


class KeyedBackend(TokenBackend):
    """simplejwt's backend, which also names the signing key in the header."""

    def __init__(self, kid: str, key: bytes) -> None:
        super().__init__(ALGORITHM, signing_key=key)
        self.kid = kid

    def encode(self, payload: dict[str, Any]) -> str:
        headers = {"typ": None, "kid": self.kid}
        return jwt.encode(payload, self.signing_key, algorithm=ALGORITHM, headers=headers)


class InlayToken(Token):
    """simplejwt's token with our claims: no scopes, domains or rights inside."""

    token_type = "access"
    lifetime = timedelta(days=30)  # simplejwt wants one; `encode` sets each token's own

    @property
    def token_backend(self) -> TokenBackend:
        return signing_backend()


@cache
def signing_backend() -> KeyedBackend:
    """Return the backend of the first key, which signs."""
    return KeyedBackend(*next(iter(settings.ACCESS_TOKEN_KEYS.items())))


@cache
def keys_by_header() -> dict[str, hmac.HMAC]:
    """Return each key, ready to sign, by the exact first part of the tokens it signs."""
    return {
        KeyedBackend(kid, key).encode({}).split(".", 1)[0]: hmac.new(key, digestmod="sha384")
        for kid, key in settings.ACCESS_TOKEN_KEYS.items()
    }


@dataclass(frozen=True, slots=True)
class Verified:
    """What a genuine token's text says: enough to find its row."""

    jti: str
    hash: bytes
    expires: int  # seconds since the epoch


def encode(
    *, jti: str, username: str, platform: str, issuer: str, issued: datetime, expires: datetime
) -> str:
    """Return the text of a new access token."""
    token = InlayToken()
    token.payload = {
        "sub": _subject(platform, username),
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        "jti": jti,
        "token_type": "access",
        "iss": issuer[:200],
    }
    return str(token)


def _subject(platform: str, username: str) -> str:
    """Return the claim `sub`, informational only: long names are cut, so that no token becomes too long."""
    for longest in (150, 60, 20, 10):
        subject = orjson.dumps({"platform": platform[:longest], "username": username[:longest]}).decode()
        if len(json.dumps(subject)) <= 320:  # as the token holds it: every letter beyond ASCII escaped
            break
    return subject


def hash_of(text: str) -> bytes:
    """Return what the row keeps of a token's text: its SHA-256."""
    return hashlib.sha256(text.encode()).digest()


def verify(text: str) -> Verified:
    """Return what a genuine, unexpired token says; never touches the database.

    Raises Problem `token_malformed` (shape), `token_invalid` (header, MAC or claims), `token_expired`.
    """
    if len(text) > LONGEST or not SHAPE.fullmatch(text):
        raise Problem("token_malformed")
    signed, _, signature = text.rpartition(".")
    header, _, payload = signed.partition(".")
    key = keys_by_header().get(header)
    if key is None:
        raise Problem("token_invalid")
    mac = key.copy()  # the keyed state, once made: looking the digest up costs more than the message
    mac.update(signed.encode())
    if not hmac.compare_digest(base64.urlsafe_b64encode(mac.digest()).decode(), signature):
        raise Problem("token_invalid")
    claims = _claims(payload)
    now = time.time()
    if claims["iat"] > now + SKEW:
        raise Problem("token_invalid", "The token says it was issued in the future.")
    if now >= claims["exp"]:
        raise Problem("token_expired")
    return Verified(claims["jti"], hash_of(text), claims["exp"])


def _claims(payload: str) -> dict[str, Any]:
    """Return claims of the types we sign; a `sub` of another type, or no access token at all, is refused."""
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        whole = type(claims["iat"]) is int and type(claims["exp"]) is int
        named = type(claims["sub"]) is str and type(claims["jti"]) is str
        if whole and named and claims["token_type"] == "access":
            return claims
    except (ValueError, TypeError, KeyError):
        pass
    raise Problem("token_invalid")
