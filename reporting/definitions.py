"""What every figure means: declared once, carried by the API, and shown by the docs and dashboards."""

from typing import NamedTuple

from reporting.models import Figure

COUNT, SECONDS = "count", "seconds"


class Definition(NamedTuple):
    """A public figure: the roll-ups it adds up, its unit (a count, or a mean duration), and its meaning.

    `now` marks what is counted at the moment of asking, whatever the period.
    """

    figures: tuple[Figure, ...]
    unit: str
    meaning: str
    now: bool = False


DEFINITIONS: dict[str, Definition] = {
    "ticketsCreated": Definition(
        (Figure.TICKETS_CREATED,), COUNT, "Tickets created in the period that are not in the bin."
    ),
    "ticketsResolved": Definition(
        (Figure.TICKETS_RESOLVED,),
        COUNT,
        "Tickets whose last resolution is in the period and still stands, and that are not in the bin.",
    ),
    "ticketsClosed": Definition(
        (Figure.TICKETS_CLOSED,), COUNT, "Tickets closed in the period, still closed, and not in the bin."
    ),
    "ticketsDeleted": Definition(
        (Figure.TICKETS_DELETED,), COUNT, "Tickets put into the bin in the period and still there."
    ),
    "ticketsOpen": Definition(
        (Figure.TICKETS_OPEN,), COUNT, "Tickets that are open, pending or on hold now.", now=True
    ),
    "ticketsAnswered": Definition(
        (Figure.TICKET_RESPONSES,), COUNT, "Tickets whose first public reply by an agent is in the period."
    ),
    "ticketFirstResponse": Definition(
        (Figure.TICKET_RESPONSES,),
        SECONDS,
        "Mean time from the creation of a ticket to its first public reply by an agent, of the tickets "
        "first answered in the period; null when there were none.",
    ),
    "threadsStarted": Definition(
        (Figure.THREADS_STARTED,), COUNT, "Conversations with visitors that began in the period."
    ),
    "threadsClosed": Definition(
        (Figure.THREADS_CLOSED,), COUNT, "Conversations with visitors closed in the period and not reopened."
    ),
    "threadsOpen": Definition(
        (Figure.THREADS_OPEN,), COUNT, "Conversations with visitors that are open now.", now=True
    ),
    "threadsQueued": Definition(
        (Figure.THREADS_QUEUED,), COUNT, "Conversations that wait for an agent now.", now=True
    ),
    "threadsAnswered": Definition(
        (Figure.THREAD_RESPONSES,), COUNT, "Conversations whose first answer by an agent is in the period."
    ),
    "threadFirstResponse": Definition(
        (Figure.THREAD_RESPONSES,),
        SECONDS,
        "Mean time from a visitor's first message to the agent's first answer, of the conversations first "
        "answered in the period; null when there were none.",
    ),
    "firstResponse": Definition(
        (Figure.TICKET_RESPONSES, Figure.THREAD_RESPONSES),
        SECONDS,
        "Mean time to the first answer, of all tickets and conversations first answered in the period; null "
        "when there were none.",
    ),
    "messages": Definition(
        (Figure.MESSAGES_OF_AGENTS, Figure.MESSAGES_OF_VISITORS),
        COUNT,
        "Public messages in conversations with visitors and in tickets, without notes and system messages.",
    ),
    "messagesFromAgents": Definition(
        (Figure.MESSAGES_OF_AGENTS,), COUNT, "Those of the messages that people of the desk wrote."
    ),
    "messagesFromVisitors": Definition(
        (Figure.MESSAGES_OF_VISITORS,), COUNT, "Those of the messages that visitors wrote."
    ),
}
AGENTS_AVAILABLE = "agentsAvailable"
AVAILABLE = Definition((), COUNT, "Active people of the desk whose status is AVAILABLE now.", now=True)

TICKETS = (
    "ticketsCreated",
    "ticketsResolved",
    "ticketsClosed",
    "ticketsDeleted",
    "ticketsAnswered",
    "ticketFirstResponse",
)
THREADS = ("threadsStarted", "threadsClosed", "threadsAnswered", "threadFirstResponse")
MESSAGES = ("messages", "messagesFromAgents", "messagesFromVisitors", *THREADS)
OF_AN_AGENT = tuple(
    name for name in DEFINITIONS if name not in ("messagesFromVisitors", "messages", "threadsQueued")
)
OF_A_TEAM = tuple(DEFINITIONS)
