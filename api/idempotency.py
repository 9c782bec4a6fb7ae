"""Idempotency-Key: the same POST sent twice is done once and answered twice (api.md)."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from api.errors import Problem
from api.models import IdempotentAnswer

KEPT = timedelta(hours=24)
HALF = 16  # bytes of a fingerprint for what is asked, and as many for the caller's rights
REPLAYED = ("Content-Type", "ETag", "Link")


def once(
    request: Request, key: str, work: Callable[[], HttpResponse], *, redact: Callable | None = None
) -> HttpResponse:
    """Do `work` in one transaction with the key's row, or return the first answer to the same request.

    A second request with the key waits for the first one's commit. An answer of 400 or more is not kept.
    `redact` takes the body and returns what may be stored. Raises Problem `idempotency_key_reused`,
    `invalid_state` (the caller's rights are others now) or `invalid_parameter`.
    """
    if not (1 <= len(key) <= 255 and key.isprintable()):
        raise Problem("invalid_parameter", "Idempotency-Key: expected 1 to 255 printable characters.")
    caller, key_hash = request.auth.name, hashlib.sha256(key.encode()).digest()
    request_hash = _fingerprint(request)
    with transaction.atomic():
        if not _claim(caller, key_hash, request_hash):
            return _first_answer(caller, key_hash, request_hash)
        response = work()
        if response.status_code >= 400:
            transaction.set_rollback(True)
            return response
        IdempotentAnswer.objects.filter(caller=caller, key_hash=key_hash).update(
            status=response.status_code,
            headers={name: response[name] for name in REPLAYED if name in response},
            body=redact(response.content) if redact else response.content,
        )
    return response


def _fingerprint(request: Request) -> bytes:
    """Return what a replay must share with the first request, in two halves: what is asked (address and
    body), and the caller's rights, which an answer must not outlive.

    Keyed, for a body may hold a password; 16 bytes of each are far beyond chance.
    """
    auth = request.auth
    asked = f"asked\n{request.method} {request.get_full_path()}\n".encode() + request.body
    rights = f"rights\n{sorted(auth.scopes)} {sorted(map(str, auth.team_ids))} {auth.sees_all}".encode()
    key = settings.SECRET_KEY.encode()
    return b"".join(hmac.digest(key, half, "sha256")[:HALF] for half in (asked, rights))


def forget_old() -> int:
    """Delete the answers whose day is over; return how many. Run by the worker."""
    return IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _claim(caller: str, key_hash: bytes, request_hash: bytes) -> bool:
    """Insert the key's row, or take over one whose day is over. False when the key is in use."""
    sql = """
        INSERT INTO api_idempotentanswer (caller, key_hash, request_hash, status, headers, body)
        VALUES (%s, %s, %s, 0, '{}', '')
        ON CONFLICT (caller, key_hash) DO UPDATE SET request_hash = excluded.request_hash, created_at = now()
        WHERE api_idempotentanswer.created_at < now() - %s
        RETURNING id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [caller, key_hash, request_hash, KEPT])
        return cursor.fetchone() is not None


def _first_answer(caller: str, key_hash: bytes, request_hash: bytes) -> HttpResponse:
    kept = IdempotentAnswer.objects.get(caller=caller, key_hash=key_hash)
    first = bytes(kept.request_hash)
    if first[:HALF] != request_hash[:HALF]:
        raise Problem("idempotency_key_reused")
    if first != request_hash:
        raise Problem(
            "invalid_state",
            "This was done already; your rights have changed since, so its answer is not shown.",
        )
    response = HttpResponse(bytes(kept.body), status=kept.status, headers=kept.headers)
    response["Idempotent-Replayed"] = "true"
    return response
