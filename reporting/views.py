"""The endpoints of statistics: a period comes in, figures go out."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from api.rendering import answer
from api.views import ApiView
from reporting import definitions, periods, queries
from settings_app.queries import setting

KNOWN = frozenset({"from", "to", "timezone", "groupBy"})


class StatisticsView(ApiView):
    """Reads the period and answers with what `figures` makes of it; `grain` is groupBy's default."""

    family = "statistics"
    grain: str | None = None

    def get(self, request: Request) -> HttpResponse:
        given = request.GET
        zone = "" if given.get("timezone") else setting("general", "timezone")
        period = periods.parse(given, now=timezone.now(), grain=self.grain, known=KNOWN, zone=zone)
        return answer(self.figures(request.auth, period))

    figures: Callable[..., Any]


class Overview(StatisticsView):
    """Every figure of the period, each with its definition; with groupBy, also as a series."""

    def figures(self, caller: Any, period: periods.Period) -> dict[str, Any]:
        return queries.overview(caller, period)


class Tickets(StatisticsView):
    """Tickets created, resolved, closed, deleted and first answered, per bucket."""

    grain = "day"

    def figures(self, caller: Any, period: periods.Period) -> list[dict[str, Any]]:
        return queries.series(caller, period, definitions.TICKETS)


class Messages(StatisticsView):
    """Messages and conversations, per bucket."""

    grain = "day"

    def figures(self, caller: Any, period: periods.Period) -> list[dict[str, Any]]:
        return queries.series(caller, period, definitions.MESSAGES)


class Agents(StatisticsView):
    """One row per person (an agent sees the own one); with groupBy, one per person and bucket."""

    def figures(self, caller: Any, period: periods.Period) -> list[dict[str, Any]]:
        return queries.agents(caller, period)


class Teams(StatisticsView):
    """One row per team that the caller may see, and one for work without a team; with groupBy, per bucket."""

    def figures(self, caller: Any, period: periods.Period) -> list[dict[str, Any]]:
        return queries.teams(caller, period)
