"""What the operations of statistics take and give; figures are described by their definitions."""

from api.schema import (
    FLAG,
    MOMENT,
    TEXT,
    UUID,
    WHOLE,
    Json,
    Operation,
    Shape,
    a_list,
    an_object,
    describe,
    or_null,
)
from reporting import definitions, views
from reporting.definitions import AGENTS_AVAILABLE, AVAILABLE, COUNT, DEFINITIONS, Definition
from reporting.periods import GRAINS

DATE = TEXT | {"description": "The local date of the bucket, or by hour its local time with the offset."}
PERIOD = {
    "from": TEXT | {"description": "A date of the timezone, or a time in ISO 8601. Default: 30 days back."},
    "to": TEXT | {"description": "A date (its day is included), or a time (excluded). Default: today."},
    "timezone": TEXT | {"description": "An IANA name. Default: the setting general.timezone."},
    "groupBy": TEXT | {"enum": list(GRAINS)},
}


def _value(definition: Definition) -> Json:
    kind = WHOLE if definition.unit == COUNT else {"type": ["number", "null"]}
    return kind | {"description": f"{definition.meaning} In {definition.unit}."}


def _figures(names: tuple[str, ...]) -> dict[str, Json]:
    return {name: _value(DEFINITIONS[name]) for name in names}


def _overview() -> Json:
    figures = {}
    for name, definition in (DEFINITIONS | {AGENTS_AVAILABLE: AVAILABLE}).items():
        value = _value(definition)
        figures[name] = an_object(
            {
                "value": value,
                "unit": TEXT | {"enum": ["count", "seconds"]},
                "definition": TEXT,
                "series": a_list(an_object({"date": DATE, "value": value})),
            },
            optional=("series",),
        )
    return an_object({"from": MOMENT, "to": MOMENT, "timezone": TEXT, "figures": an_object(figures)})


PERSON = {
    "id": UUID,
    "uid": UUID,
    "username": TEXT,
    "nickname": TEXT,
    "avatar": TEXT,
    "status": TEXT,
    "active": FLAG,
}
TEAM = {"id": or_null(UUID), "name": or_null(TEXT)}
NOW = tuple(name for name, definition in DEFINITIONS.items() if definition.now)


def _rows(about: dict[str, Json], names: tuple[str, ...]) -> Json:
    return an_object(about | {"date": DATE} | _figures(names), optional=("date", *NOW))


OVERVIEW = Shape("StatisticsOverview", _overview)
TICKETS = Shape("StatisticsOfTickets", lambda: an_object({"date": DATE} | _figures(definitions.TICKETS)))
MESSAGES = Shape("StatisticsOfMessages", lambda: an_object({"date": DATE} | _figures(definitions.MESSAGES)))
AGENTS = Shape("StatisticsOfAnAgent", lambda: _rows(PERSON, definitions.OF_AN_AGENT))
TEAMS = Shape("StatisticsOfATeam", lambda: _rows(TEAM, definitions.OF_A_TEAM))

for view, summary, shape, many in (
    (views.Overview, "Every figure with its definition", OVERVIEW, False),
    (views.Tickets, "Tickets over time", TICKETS, True),
    (views.Messages, "Messages and conversations over time", MESSAGES, True),
    (views.Agents, "Figures of each person", AGENTS, True),
    (views.Teams, "Figures of each team", TEAMS, True),
):
    describe(view, get=Operation(summary, shape, many=many, query=PERIOD))
