"""What is written about tokens: who, which one, from where; never the token itself (tokens.md section 6)."""

from typing import Any

from events.services import record
from tokens.models import AccessToken


def record_token(type: str, row: AccessToken, *, actor: Any = None, **data: Any) -> None:
    """Record an event about a token, for admins and for the token's user.

    Call inside the change's transaction.
    """
    record(
        type,
        object_id=row.pk,
        audience=["tokens/all", f"tokens/user:{row.user_id}"],
        actor=actor,
        token_id=row.pk,
        data={"id": str(row.pk), "hint": row.hint, "name": row.name, "user": str(row.user_id), **data},
    )
