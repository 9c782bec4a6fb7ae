"""The run: people talk through the proxy, desk and database are killed, and at the end all must agree."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.chaos.calls import Door
from bench.chaos.people import AgentReader, Sender, VisitorReader
from bench.chaos.proxy import Proxy

SETTLING = 180.0  # seconds that readers get to come to the end once the network is well again
VISITORS_PAUSE = 1.02  # a visitor may send 60 messages a minute


class Desk(Protocol):
    """What is killed: bench.chaos.world.World, or the desk of a test."""

    port: int

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def crash_database(self) -> None: ...


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    sends: int
    visitors: int
    agents: int = 4
    visitors_share: float = 0.2  # of the sends; agents write the rest
    kill_seconds: float = 20  # between two kills of the desk
    stream_seconds: float = 6  # that a stream lives
    most_seconds: float = 3600  # after which nobody begins another message
    seed: int = 1


@dataclass
class Outcome:
    """What happened, and everything that was wrong."""

    sends: int = 0
    tries: int = 0
    stored: int = 0
    kills: int = 0
    crashes: int = 0
    reopened: int = 0
    out_of_turn: int = 0
    seconds: float = 0
    fates: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def people() -> tuple[str, Callable[[int, int], tuple[list[str], list[str]]]]:
    """Make a team; return its id, and a function that makes so many agents and visitors and returns what they
    show.
    """
    from accounts.models import Team
    from accounts.services import create_user
    from messaging.chat import credentials
    from messaging.services import get_or_create_visitor
    from tokens.services import issue_token

    team = Team.objects.create(name="Chaos")

    def make(agents: int, visitors: int) -> tuple[list[str], list[str]]:
        users = [create_user(username=f"chaos{number}") for number in range(agents)]
        for user in users:
            user.teams.add(team)
        callers = [get_or_create_visitor(nickname=f"Visitor {number}") for number in range(visitors)]
        return (
            [f"Bearer {issue_token(user=user, allow_no_origin=True).text}" for user in users],
            [f"Bearer {credentials.issue(each.pk)}" for each in callers],
        )

    return str(team.pk), make


class Run:
    """One run on a started desk."""

    def __init__(self, desk: Desk, plan: Plan, say: Callable[[str], Any]) -> None:
        self.desk, self.plan, self.say = desk, plan, say
        self.outcome = Outcome()
        self.team, make = people()
        self.agents, self.visitors = make(plan.agents, plan.visitors)
        self.talked = False
        self.senders: list[Sender] = []
        self.screens: list[AgentReader] = []
        self.pages: dict[str, VisitorReader] = {}  # by thread

    async def go(self) -> Outcome:
        """Let everybody talk until all is acknowledged and read; return what was wrong."""
        started = asyncio.get_running_loop().time()
        plan = self.plan
        async with Proxy(self.desk.port, seed=plan.seed, stream_seconds=plan.stream_seconds) as proxy:
            self.proxy = proxy
            self.screens = [AgentReader(Door(proxy.port, agent)) for agent in self.agents]
            reading = await _started(self.screens)
            await self._begin()
            reading += await _started(self.pages.values())
            proxy.calm = False
            async with asyncio.TaskGroup() as both:
                both.create_task(self._kill())
                await self._talk()
                self.talked = True
            proxy.calm = True
            await self._settle()
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
        self.outcome.fates = proxy.fates
        self.outcome.seconds = asyncio.get_running_loop().time() - started
        await asyncio.to_thread(self.check)
        return self.outcome

    async def _begin(self) -> None:
        """Begin a conversation for each visitor, while the network is still well."""
        for number, visitor in enumerate(self.visitors):
            door = Door(self.proxy.port, visitor)
            said = {"t": "1", "sid": self.team}
            sender = Sender(door, "/api/chat/send", said, f"visitor{number}", notes=False)
            thread = (await sender.send(f"visitor{number}-begins"))["thread"]
            self.pages[thread] = page = VisitorReader(door)
            sender.heard = page.merge
            agent = Door(self.proxy.port, self.agents[number % len(self.agents)])
            answering = {"thread": thread}
            self.senders += [
                sender,
                Sender(agent, "/api/messages/send", answering, f"agent{number}", notes=True),
            ]

    async def _talk(self) -> None:
        plan, pairs = self.plan, len(self.visitors)
        until = asyncio.get_running_loop().time() + plan.most_seconds
        by_visitor = round(plan.sends * plan.visitors_share / pairs)
        by_agent = round(plan.sends / pairs) - by_visitor
        async with asyncio.TaskGroup() as talking:
            for number, sender in enumerate(self.senders):
                visitor = number % 2 == 0
                share, pause = (by_visitor, VISITORS_PAUSE) if visitor else (by_agent, 0)
                talking.create_task(sender.talk(share, pause, until))

    async def _kill(self) -> None:
        """Kill the desk now and then, and PostgreSQL once, a third of the way."""
        loop = asyncio.get_running_loop()
        next_kill, crashed = loop.time() + self.plan.kill_seconds, False
        half_time = loop.time() + self.plan.most_seconds / 2
        while not self.talked:
            await asyncio.sleep(0.2)
            done = sum(len(each.acknowledged) for each in self.senders)
            if not crashed and (done > self.plan.sends / 3 or loop.time() > half_time):
                crashed = True
                await asyncio.to_thread(self.desk.crash_database)
                self.outcome.crashes += 1
                self.say(f"{done:,} acknowledged: PostgreSQL was killed and is back")
            elif loop.time() > next_kill:
                self.desk.kill()
                await asyncio.to_thread(self.desk.start)
                self.outcome.kills += 1
                self.say(f"{done:,} acknowledged: the desk was killed and is back")
                next_kill = loop.time() + self.plan.kill_seconds

    async def _settle(self) -> None:
        """Wait until every reader has read as much as is stored, or time is up."""
        until = asyncio.get_running_loop().time() + SETTLING
        stored = await asyncio.to_thread(stored_messages)
        while asyncio.get_running_loop().time() < until and self._behind(stored):
            await asyncio.sleep(0.5)
            stored = await asyncio.to_thread(stored_messages)  # what the proxy sends late may still be stored

    def _behind(self, stored: dict[str, list[tuple[int, str, str, bool]]]) -> bool:
        for thread, page in self.pages.items():
            rows = stored.get(thread, [])
            if len(page.messages) < sum(public for *_, public in rows):
                return True
            if any(len(screen.read_of(thread)) < len(rows) for screen in self.screens):
                return True
        return False

    def check(self) -> None:
        """Compare what is stored, what was acknowledged, and what every reader read."""
        outcome, stored = self.outcome, stored_messages()
        outcome.stored = sum(len(rows) for rows in stored.values())
        outcome.sends = sum(len(each.acknowledged) for each in self.senders)
        outcome.tries = sum(each.tries for each in self.senders)
        readers = [*self.screens, *self.pages.values()]
        outcome.reopened = sum(each.reopened for each in readers)
        outcome.out_of_turn = sum(each.out_of_turn for each in self.screens)
        wrong = outcome.wrong
        for each in readers:
            wrong += each.wrong
        if outcome.stored != outcome.sends:
            wrong.append(f"{outcome.stored} are stored, {outcome.sends} were acknowledged")
        for number, (thread, page) in enumerate(self.pages.items()):
            rows = stored.get(thread, [])
            if [seq for seq, *_ in rows] != list(range(1, len(rows) + 1)):
                wrong.append(f"{thread}: the seqs have gaps")
            for sender in self.senders[2 * number : 2 * number + 2]:
                own = [
                    (client, id, seq) for seq, client, id, _ in rows if client.startswith(f"{sender.name}-")
                ]
                if own != sender.acknowledged:
                    wrong.append(
                        f"{thread}: {sender.name} was told otherwise: {_first(own, sender.acknowledged)}"
                    )
            everything = [(seq, client) for seq, client, *_ in rows]
            for screen in self.screens:
                if screen.read_of(thread) != everything:
                    wrong.append(f"{thread}: a screen differs: {_first(everything, screen.read_of(thread))}")
            public = [(seq, client) for seq, client, _, shown in rows if shown]
            if page.read_of(thread) != public:
                wrong.append(f"{thread}: the page differs: {_first(public, page.read_of(thread))}")


async def _started(readers: Iterable[AgentReader | VisitorReader]) -> list[asyncio.Task]:
    """Let readers begin to read, and return their tasks once all of them do."""
    tasks = [asyncio.create_task(each.read()) for each in readers]
    await asyncio.gather(*(each.ready.wait() for each in readers))
    return tasks


def stored_messages() -> dict[str, list[tuple[int, str, str, bool]]]:
    """Return seq, client id, id and whether it is public of every message, by thread, in order."""
    from django.db import connection

    from messaging.models import Message

    found: dict[str, list[tuple[int, str, str, bool]]] = {}
    rows = Message.objects.order_by("thread_id", "seq").values_list(
        "thread_id", "seq", "client_id", "id", "visibility"
    )
    try:
        for thread, seq, client, id, visibility in rows.iterator():
            found.setdefault(str(thread), []).append((seq, client, str(id), visibility == "public"))
    finally:
        connection.close()
    return found


def _first(expected: list, found: list) -> str:
    """Return how two lists first differ."""
    for number, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            return f"at {number} {other} instead of {one}"
    return f"{len(found)} instead of {len(expected)}"
