"""What the doctor's page and the studio share: findings with their look, and what an admin may hand on."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from tokens import doctor
from tokens.services.limits import Limits, limits_of

TONES = {
    doctor.GOOD: ("success", "check_circle"),
    doctor.NOTE: ("info", "info"),
    doctor.WARNING: ("warning", "warning"),
    doctor.ERROR: ("danger", "cancel"),
}


def with_tones(found: Iterable[doctor.Finding]) -> list[dict[str, Any]]:
    """Return the doctor's findings with the tone and sign that a page gives them."""
    return [{"finding": each, "tone": TONES[each.level][0], "icon": TONES[each.level][1]} for each in found]


def own_limits(request: HttpRequest) -> Limits | None:
    """Return what the token that opened this admin session may hand on; None for a session by password."""
    caller = getattr(request, "caller", None)
    return limits_of(caller) if caller else None
