"""What the pages of tokens show in figures: use and denials by day, the newest denials, sessions open now."""

import json
from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from api.codes import CODES
from events.models import Event
from settings_app.queries import setting
from tokens import queries
from tokens.models import AccessToken, DailyUse, HandoffSession, State

DAYS = 30
USED, REFUSED = "var(--color-primary-600)", "#dc2626"
LEGEND = {"display": True, "align": "end", "labels": {"boxWidth": 8, "boxHeight": 8, "color": "#8b93a1"}}
OPTIONS = json.dumps(
    {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "maxBarThickness": 14,
        "plugins": {"legend": LEGEND},
        "interaction": {"mode": "index", "intersect": False},
        "scales": {
            "x": {"stacked": True, "grid": {"display": False},
                  "ticks": {"color": "#8b93a1", "maxTicksLimit": 8, "maxRotation": 0}},
            "y": {"stacked": True, "beginAtZero": True, "border": {"display": False},
                  "ticks": {"color": "#8b93a1", "precision": 0, "maxTicksLimit": 5}},
        },
    }
)  # fmt: skip


def days_until_today(count: int) -> list[date]:
    """Return the last days, oldest first, today included."""
    today = timezone.now().date()
    return [today - timedelta(days=back) for back in range(count - 1, -1, -1)]


def chart(days: list[date], series: list[tuple[str, str, dict[date, int]]]) -> dict[str, str]:
    """Return stacked bars for unfold's Chart.js; a series is (label, colour, number by day)."""
    return {
        "data": json.dumps(
            {
                "labels": [f"{day.day} {day:%b}" for day in days],
                "datasets": [
                    {
                        "label": label,
                        "data": [numbers.get(day, 0) for day in days],
                        "backgroundColor": colour,
                        "borderRadius": 3,
                    }
                    for label, colour, numbers in series
                ],
            }
        ),
        "options": OPTIONS,
    }


def use_of(token_id: UUID | None = None, days: int = DAYS) -> dict[str, Any]:
    """Return uses and refusals of one token, or of all, by day: the totals and their chart."""
    shown = days_until_today(days)
    rows = DailyUse.objects.filter(day__gte=shown[0])
    if token_id:
        rows = rows.filter(token_id=token_id)
    used: dict[date, int] = defaultdict(int)
    refused: dict[date, int] = defaultdict(int)
    totals = rows.values("day").annotate(
        used=Sum("count", filter=Q(result="ok"), default=0),
        refused=Sum("count", filter=~Q(result="ok"), default=0),
    )
    for row in totals:
        used[row["day"]], refused[row["day"]] = row["used"], row["refused"]
    return {
        "used": sum(used.values()),
        "refused": sum(refused.values()),
        "days": days,
        "chart": chart(shown, [("Used", USED, used), ("Refused", REFUSED, refused)]),
    }


def newest_denials(token_id: UUID, most: int = 10) -> list[dict[str, Any]]:
    """Return the newest refusals of a token, with what to do about each."""
    return [each | {"advice": _advice(each["code"])} for each in queries.newest_denials(token_id, most)]


def _advice(code: str) -> str:
    return f"{CODES[code].title}. {CODES[code].advice}" if code in CODES else code


def open_sessions(token_id: UUID | None = None) -> QuerySet[HandoffSession]:
    """Return the sessions that are open now, newest first (tokens.md section 4 on their ends)."""
    now = timezone.now()
    idle = timedelta(seconds=setting("embedding", "sessionIdle"))
    rows = HandoffSession.objects.filter(ended_at=None, expires_at__gt=now, seen_at__gt=now - idle)
    if token_id:
        rows = rows.filter(token_id=token_id)
    return rows.select_related("user", "token").order_by("-created_at")


def trail(token_id: UUID, most: int = 15) -> QuerySet[Event]:
    """Return what happened to a token, newest first."""
    return Event.objects.filter(token_id=token_id, object_type="token").order_by("-id")[:most]


def by_state() -> dict[str, int]:
    """Return how many tokens are in each state, as a person would count them."""
    now = timezone.now()
    ended = Q(state=State.ACTIVE, expires_at__lte=now)
    usable = Q(state=State.ACTIVE, expires_at__gt=now)
    return AccessToken.objects.filter(surface="").aggregate(
        active=Count("id", filter=usable),
        disabled=Count("id", filter=Q(state=State.DISABLED)),
        rotated=Count("id", filter=Q(state=State.ROTATED)),
        expired=Count("id", filter=ended),
        revoked=Count("id", filter=Q(state=State.REVOKED)),
    )


def ending_soon(days: int = 14, most: int = 6) -> QuerySet[AccessToken]:
    """Return active tokens that end within some days, the nearest first."""
    now = timezone.now()
    return (
        AccessToken.objects.filter(
            state=State.ACTIVE, surface="", expires_at__gt=now, expires_at__lte=now + timedelta(days=days)
        )
        .select_related("user")
        .order_by("expires_at")[:most]
    )
