"""What a visitor's browser holds to be the same visitor again, and how a site signs who its visitor is."""

import hashlib
import hmac
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

PREFIX = "vst_"  # logs are scrubbed of what begins so (config.logs)
SIGNER = Signer(salt="inlay.visitor")


def issue(visitor_id: UUID) -> str:
    """Return the credential of a visitor: whoever holds it writes and reads as this visitor."""
    return PREFIX + SIGNER.sign(visitor_id.hex).replace(":", "_")


def read(text: str) -> UUID | None:
    """Return the visitor that a credential names; None for one that was not issued here."""
    if not text.startswith(PREFIX) or len(text) > 200:
        return None
    named, _, signature = text.removeprefix(PREFIX).partition("_")
    try:
        return UUID(SIGNER.unsign(f"{named}:{signature}"))
    except (BadSignature, ValueError):
        return None


def identity_secret() -> str:
    """Return the secret with which sites sign their visitors' uids; `manage.py identity_secret` prints it."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"inlay.chat.identity", hashlib.sha256).hex()


def signature(uid: str) -> str:
    """Return how a site signs its visitor's uid: HMAC-SHA256 (RFC 2104) in hexadecimal."""
    return hmac.digest(identity_secret().encode(), uid.encode(), hashlib.sha256).hex()


def signed(uid: str, given: str) -> bool:
    """Whether a site has signed that this is its visitor."""
    return bool(uid) and hmac.compare_digest(signature(uid).encode(), given.strip().lower().encode())
