"""Builds the demonstration: people, teams and tokens through the desk's services, a month of work in bulk."""

import random
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.audiences import work_audience
from accounts.models import Team, User
from accounts.roles import ADMIN
from accounts.services import create_team, create_user
from events.models import Event
from messaging.models import CannedReply, Message, Thread, ThreadState, ThreadType, Visibility, Visitor
from messaging.services import create_reply
from tickets.models import Priority, Status, Ticket
from tickets.queries import PRIORITY_NAMES
from tokens.services import disable_token, issue_token, revoke_token
from workstation.demo import texts
from workstation.demo.texts import CHINESE, NOTES, PEOPLE, REPLIES, REQUESTS, TEAMS, VISITORS, Request

TICKETS, THREADS = 200, 40
DAYS = 30
MARK = "demo-1"  # the external id of the first visitor: where it is, the demonstration is


def is_built() -> bool:
    """Whether the demonstration is in this database."""
    return Visitor.objects.filter(external_id=MARK).exists()


def password() -> str:
    """Return the password of the people of the demonstration: made once for each installation, kept with
    its keys."""
    file = Path(settings.INLAY_DATA) / "demo_password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(9))
    return file.read_text().strip()


@transaction.atomic
def build() -> bool:
    """Build the demonstration; False when it was there already. The same every time but for its times and
    ids."""
    if is_built():
        return False
    choose = random.Random(20)  # noqa: S311 - nothing secret
    people = _people()
    visitors = _visitors()
    month = _Month(choose, people, visitors)
    for number in range(TICKETS):
        month.add_ticket(number)
    for _ in range(THREADS):
        month.add_conversation()
    month.save()
    _replies()
    _tokens(people)
    return True


def _replies() -> None:
    admin = User.objects.filter(role=ADMIN, is_active=True).order_by("created_at").first()
    for shortcut, title, content in REPLIES if admin else ():
        if not CannedReply.objects.filter(shortcut=shortcut, owner=None, team=None).exists():
            create_reply(shortcut=shortcut, title=title, content=content, scope="shared", actor=admin)


def _people() -> dict[str, list[User]]:
    """Return the members of each team; who is there already is left as it is."""
    teams = {
        name: Team.objects.filter(name__iexact=name).first()
        or create_team(name=name, description=description)
        for name, description in TEAMS.items()
    }
    members: dict[str, list[User]] = {name: [] for name in teams}
    hashed = make_password(password())
    for each in PEOPLE:
        user = (
            User.objects.filter(username__iexact=each.username).first()
            or User.objects.filter(email__iexact=each.email).first()
        )
        if user is None:
            user = create_user(
                username=each.username,
                email=each.email,
                nickname=each.nickname,
                role=each.role,
                language=each.language,
                teams=[teams[name] for name in each.teams],
                status=each.status,
                timezone="Asia/Shanghai" if each.language == "zh-hans" else "Europe/Berlin",
            )
            User.objects.filter(pk=user.pk).update(password=hashed)
        for name in each.teams:
            members[name].append(user)
    return members


def _visitors() -> dict[str, list[Visitor]]:
    made: dict[str, list[Visitor]] = {language: [] for language in VISITORS}
    number = 0
    for language, names in VISITORS.items():
        for name in names:
            number += 1
            made[language].append(
                Visitor(external_id=f"demo-{number}", nickname=name, email=f"customer{number}@example.org")
            )
    Visitor.objects.bulk_create(sum(made.values(), []))
    return made


class _Month:
    """Collects the rows of a month of work, then saves each table at once."""

    def __init__(
        self, choose: random.Random, people: dict[str, list[User]], visitors: dict[str, list[Visitor]]
    ) -> None:
        self.choose, self.people, self.visitors = choose, people, visitors
        self.teams = {team.name: team for team in Team.objects.filter(name__in=TEAMS)}
        self.now = timezone.now()
        self.threads: list[Thread] = []
        self.messages: list[Message] = []
        self.tickets: list[Ticket] = []

    def add_ticket(self, number: int) -> None:
        """A ticket; the further back it was made, the likelier it is solved."""
        language, request, made_at = self._request()
        age = self.now - made_at
        visitor = self.choose.choice(self.visitors[language])
        team = self.teams[request.team] if number % 12 else None
        assignee = self.choose.choice(self.people[request.team]) if self.choose.random() < 0.8 else None
        status = self._status(age)
        if status in (Status.RESOLVED, Status.CLOSED):
            assignee = assignee or self.people[request.team][0]
        order = str(20_000 + self.choose.randrange(9_000))
        answered = made_at + min(age * 0.6, timedelta(minutes=self.choose.randrange(4, 600)))
        solved = answered + (self.now - answered) * self.choose.uniform(0.05, 0.5)
        is_answered = assignee is not None and (status != Status.OPEN or self.choose.random() < 0.5)
        is_solved = status in (Status.RESOLVED, Status.CLOSED)
        thread = self._thread(ThreadType.TICKET, request, order, visitor, assignee, team, made_at)
        if is_answered:
            self._say(thread, request.chat[1].format(n=order), answered, user=assignee)
            thread.first_response_at = answered
            if self.choose.random() < 0.5 and len(request.chat) > 2:
                self._say(thread, request.chat[2], answered + (solved - answered) / 2, visitor=visitor)
            if self.choose.random() < 0.2:
                note = self.choose.choice(NOTES[language])
                self._say(thread, note, answered + (solved - answered) / 3, user=assignee, internal=True)
        self.tickets.append(
            Ticket(
                title=request.title.format(n=order),
                content=request.content.format(n=order),
                status=status,
                priority=self.choose.choices(list(Priority), (25, 45, 22, 8))[0],
                type=request.type,
                tags=list(request.tags),
                requester=visitor,
                assignee=assignee,
                team=team,
                thread=thread,
                custom_fields={"order": order, "channel": self.choose.choice(["web", "mail", "app"])},
                due_at=made_at + timedelta(days=self.choose.randrange(2, 9))
                if self.choose.random() < 0.4
                else None,
                first_response_at=answered if is_answered else None,
                resolved_at=solved if is_solved else None,
                closed_at=solved if status == Status.CLOSED else None,
                created_at=made_at,
                updated_at=solved if is_solved else answered if is_answered else made_at,
            )
        )

    def add_conversation(self) -> None:
        """A chat; the newest still wait or go on."""
        language, request, begun = self._request()
        visitor = self.choose.choice(self.visitors[language])
        agent = self.choose.choice(self.people[request.team])
        waits = self.now - begun < timedelta(days=2) and self.choose.random() < 0.5
        order = str(20_000 + self.choose.randrange(9_000))
        team = self.teams[request.team]
        thread = self._thread(
            ThreadType.WORKGROUP, request, order, visitor, None if waits else agent, team, begun
        )
        thread.topic, thread.tags = request.title.format(n=order), list(request.tags)
        at = begun
        for place, text in enumerate(request.chat[:1] if waits else request.chat):
            from_agent = place % 2 == 1
            speaker = {"user": agent} if from_agent else {"visitor": visitor}
            self._say(thread, text.format(n=order), at, **speaker)
            if from_agent and thread.first_response_at is None:
                thread.first_response_at = at
            at = min(at + timedelta(seconds=self.choose.randrange(15, 240)), self.now)
        if waits:
            thread.state = ThreadState.QUEUED
            thread.queued_at = thread.team_queued_at = thread.waiting_since = begun
        elif self.now - begun > timedelta(days=1):
            thread.state, thread.closed_at = ThreadState.CLOSED, at

    def save(self) -> None:
        """Write it all, in order of time, with an event for each ticket and conversation."""
        self.tickets.sort(key=lambda ticket: ticket.created_at)
        Thread.objects.bulk_create(self.threads)
        Message.objects.bulk_create(self.messages)
        for ticket, number in zip(self.tickets, _numbers(len(self.tickets)), strict=True):
            ticket.number = number
        Ticket.objects.bulk_create(self.tickets)
        events = [_event("ticket.created", each, each.created_at) for each in self.tickets]
        events += [
            _event("ticket.updated", each, each.resolved_at, changes={"status": ["open", each.status]})
            for each in self.tickets
            if each.resolved_at
        ]
        Event.objects.bulk_create(sorted(events, key=lambda event: event.at))

    def _request(self) -> tuple[str, Request, datetime]:
        """Return a language, a request and when it came: more lately, and by day."""
        language = self.choose.choices(["en", "zh"], (65, 35))[0]
        back = timedelta(days=DAYS * self.choose.random() ** 1.3)
        made_at = self.now - back
        if made_at.hour < 6 and back > timedelta(days=1):
            made_at += timedelta(hours=8)
        return language, self.choose.choice(REQUESTS[language]), made_at - timedelta(minutes=2)

    def _status(self, age: timedelta) -> str:
        weights = (10, 8, 4, 30, 48) if age > timedelta(days=4) else (55, 18, 7, 17, 3)
        return self.choose.choices(
            [Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED], weights
        )[0]

    def _thread(
        self,
        type: str,
        request: Request,
        order: str,
        visitor: Visitor,
        agent: User | None,
        team: Team | None,
        at: datetime,
    ) -> Thread:
        thread = Thread(
            type=type,
            topic=request.title.format(n=order),
            visitor=visitor,
            agent=agent,
            team=team,
            first_visitor_at=at,
            created_at=at,
            updated_at=at,
        )
        self.threads.append(thread)
        return thread

    def _say(
        self,
        thread: Thread,
        text: str,
        at: datetime,
        *,
        user: User | None = None,
        visitor: Visitor | None = None,
        internal: bool = False,
    ) -> None:
        thread.last_seq += 1
        thread.updated_at = thread.last_message_at = max(at, thread.updated_at)
        if not internal:
            thread.last_content = text[:200]
        self.messages.append(
            Message(
                thread=thread,
                seq=thread.last_seq,
                content=text,
                user=user,
                visitor=visitor,
                visibility=Visibility.INTERNAL if internal else Visibility.PUBLIC,
                created_at=thread.last_message_at,
            )
        )


def _numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number') FROM generate_series(1, %s)", [count])
        return [number for (number,) in cursor.fetchall()]


def _event(type: str, ticket: Ticket, at: datetime, **more: object) -> Event:
    shown = {
        "id": str(ticket.pk),
        "number": ticket.number,
        "title": ticket.title,
        "status": str(ticket.status),
        "priority": PRIORITY_NAMES[ticket.priority],
    }
    actor = ticket.assignee if more else None
    return Event(
        at=at,
        type=type,
        object_type="ticket",
        object_id=str(ticket.pk),
        audience=work_audience("tickets", teams=[ticket.team_id], users=[ticket.assignee_id]),
        actor_id=actor.pk if actor else None,
        actor_name=actor.username if actor else "",
        data=shown | more,
    )


def _tokens(people: dict[str, list[User]]) -> None:
    """Tokens in every state a list of them shows; their texts are thrown away."""
    admin, sofia = people[texts.SUPPORT][:2]
    jamie = people[texts.SUPPORT][2]
    tomas, liwei = people[texts.BILLING][-1], people[CHINESE][1]
    day = 86_400
    issue_token(user=jamie, actor=admin, name="Any page (evaluation)")
    issue_token(
        user=jamie, actor=admin, name="Shop back office",
        entries=["https://shop.example.com", "https://*.shop.example.com"],
    )  # fmt: skip
    issue_token(
        user=liwei, actor=admin, name="中文商城后台", entries=["https://mall.example.cn"], expires_in=90 * day
    )
    issue_token(
        user=sofia, actor=admin, name="ERP synchronisation", entries=["https://erp.example.com"],
        scope_names=["tickets:read", "tickets:write", "events:read"], allow_no_origin=True, expires_in=180 *
        day, )  # fmt: skip
    issue_token(
        user=tomas, actor=admin, name="Trial of the billing portal", entries=["billing.example.com"],
        expires_in=2 * day,
    )  # fmt: skip
    paused = issue_token(user=jamie, actor=admin, name="Old intranet", entries=["intranet.example.com:8443"])
    disable_token(row=paused.row, actor=admin, reason="The intranet is being rebuilt")
    lost = issue_token(user=tomas, actor=admin, name="Laptop of Tomás")
    revoke_token(row=lost.row, actor=admin, reason="The laptop was lost")
