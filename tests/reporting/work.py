"""What the figures are made of, written as raw rows, and the naive SQL they must equal."""

import random
from datetime import UTC, datetime, timedelta

from django.db import connection

from api.ids import new_id
from messaging.models import Message, Thread, Visitor
from tickets.models import Ticket

NAIVE = {
    "ticketsCreated": "SELECT count(*) FROM tickets_ticket t WHERE deleted_at IS NULL AND {created_at}",
    "ticketsResolved": "SELECT count(*) FROM tickets_ticket t WHERE deleted_at IS NULL AND {resolved_at}",
    "ticketsClosed": "SELECT count(*) FROM tickets_ticket t WHERE deleted_at IS NULL AND {closed_at}",
    "ticketsDeleted": "SELECT count(*) FROM tickets_ticket t WHERE {deleted_at}",
    "ticketsAnswered": "SELECT count(*) FROM tickets_ticket t WHERE deleted_at IS NULL"
    " AND {first_response_at}",
    "ticketFirstResponse": "SELECT avg(greatest(0, extract(epoch FROM first_response_at - created_at)))"
    " FROM tickets_ticket t WHERE deleted_at IS NULL AND {first_response_at}",
    "threadsStarted": "SELECT count(*) FROM messaging_thread t WHERE type = 'AGENT' AND {created_at}",
    "threadsClosed": "SELECT count(*) FROM messaging_thread t WHERE type = 'AGENT' AND {closed_at}",
    "messages": "SELECT count(*) FROM messaging_message t WHERE visibility = 'public' AND type <> 'system'"
    " AND {created_at}",
    "messagesFromAgents": "SELECT count(*) FROM messaging_message t WHERE visibility = 'public'"
    " AND type <> 'system' AND visitor_id IS NULL AND {created_at}",
}


def naive(figure: str, start: str, end: str, zone: str) -> float | None:
    """Return a figure of local times in the plainest SQL, compared by PostgreSQL's own timezones."""
    columns = ("created_at", "resolved_at", "closed_at", "deleted_at", "first_response_at")
    local = {name: f"(t.{name} AT TIME ZONE '{zone}')" for name in columns}
    clauses = {name: f"{at} >= '{start}' AND {at} < '{end}'" for name, at in local.items()}
    with connection.cursor() as cursor:
        cursor.execute(NAIVE[figure].format(**clauses))
        value = cursor.fetchone()[0]
    return None if value is None else round(float(value), 3) if figure.endswith("Response") else value


def scatter(seed: int, *, count: int, start: datetime, days: int, users: list, teams: list) -> None:
    """Write tickets, threads and messages at random moments, then change, move and delete some of them."""
    chance = random.Random(seed)
    visitor = Visitor.objects.create(nickname="Ann")

    def moment() -> datetime:
        return start + timedelta(milliseconds=chance.randrange(days * 86_400_000))

    def later(first: datetime) -> datetime | None:
        return first + timedelta(minutes=chance.expovariate(1 / 600)) if chance.random() < 0.6 else None

    threads, tickets, messages = [], [], []
    for _ in range(count):
        at = moment()
        tickets.append(
            Ticket(
                id=new_id(),
                title="T",
                created_at=at,
                status=chance.choice(["open", "pending", "closed"]),
                assignee=chance.choice([*users, None]),
                team=chance.choice([*teams, None]),
                resolved_at=later(at),
                closed_at=later(at),
                first_response_at=later(at),
                deleted_at=later(at) if chance.random() < 0.2 else None,
            )
        )
        at = moment()
        threads.append(
            Thread(
                id=new_id(),
                type=chance.choice(["AGENT", "AGENT", "TICKET"]),
                state=chance.choice(["open", "closed", "queued"]),
                visitor=visitor,
                created_at=at,
                agent=chance.choice([*users, None]),
                team=chance.choice([*teams, None]),
                first_visitor_at=at,
                first_response_at=later(at),
                closed_at=later(at),
            )
        )
    for seq in range(count * 3):
        by_visitor = chance.random() < 0.5
        messages.append(
            Message(
                id=new_id(),
                thread=chance.choice(threads),
                seq=seq + 1,
                created_at=moment(),
                content="Hello",
                type=chance.choice(["text", "text", "image", "system"]),
                visibility=chance.choice(["public", "public", "internal"]),
                user=None if by_visitor else chance.choice(users),
                visitor=visitor if by_visitor else None,
            )
        )
    Thread.objects.bulk_create(threads)
    Ticket.objects.bulk_create(tickets)
    Message.objects.bulk_create(messages)
    for ticket in chance.sample(tickets, count // 3):
        Ticket.objects.filter(pk=ticket.pk).update(
            team=chance.choice([*teams, None]), resolved_at=chance.choice([None, moment()]), status="resolved"
        )
    for thread in chance.sample(threads, count // 3):
        Thread.objects.filter(pk=thread.pk).update(
            team=chance.choice([*teams, None]), agent=chance.choice(users), state="closed", closed_at=moment()
        )
    Message.objects.filter(pk__in=[each.pk for each in chance.sample(messages, count // 4)]).delete()
    Ticket.objects.filter(pk__in=[each.pk for each in chance.sample(tickets, count // 5)]).delete()
    Thread.objects.filter(pk=chance.choice(threads).pk).delete()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)
