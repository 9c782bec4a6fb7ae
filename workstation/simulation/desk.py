"""The simulation as a whole: who comes when, who works, and what is told of it."""

import random
from collections import Counter
from collections.abc import Callable

from django.db import connection

from accounts.models import Presence, Team, User
from accounts.services import set_status
from api.errors import Problem
from workstation.demo.texts import PEOPLE, TEAMS
from workstation.simulation.agents import work
from workstation.simulation.schedule import Actor, Schedule
from workstation.simulation.talks import Talk, new_talk
from workstation.simulation.visitors import say, visit

USUAL = 120.0  # seconds in which conversations have their natural pace; in a shorter run they are faster
LAST_ARRIVAL = 0.8  # of the whole time: who comes later would hardly be answered


class Simulation:
    """A busy desk for some minutes; the demonstration's people must be there (workstation.demo)."""

    def __init__(
        self, *, visitors: int, minutes: float, agents: int, seed: int, write: Callable[[str], object]
    ) -> None:
        seconds = minutes * 60
        scale = min(1.0, seconds / USUAL)
        self.schedule = Schedule(seconds / scale, scale=scale)
        self.seed, self.write = seed, write
        self.counts: Counter[str] = Counter()
        self.talks: list[Talk] = []  # those that have begun
        self.teams = {team.name: team for team in Team.objects.filter(name__in=TEAMS)}
        self.people = self._staff(agents)
        self.before = {user.pk: user.status for user in self.people}
        taken: set[str] = set()
        for number, at in enumerate(self._arrivals(visitors)):
            talk = new_talk(self._chance("visitor", number), self.teams, taken)
            self.schedule.add(self._safely(visit(talk, self._begins, self._tell)), at)
        for user in self.people:
            chance = self._chance("agent", user.username)
            actor = work(user, self.people, chance, self.talks, self._tell)
            self.schedule.add(actor, 0.1)

    def run(self) -> None:
        """Work until the time is up; whatever happens, people get back the status they had."""
        try:
            for user in self.people:
                set_status(user=user, status=Presence.AVAILABLE, actor=user)
            self.schedule.run()
        except KeyboardInterrupt:
            connection.close()  # a statement may have been cut in two: what is left to do needs another one
            raise
        finally:
            for user in self.people:
                set_status(user=user, status=self.before[user.pk], actor=user)

    def summary(self) -> str:
        """Return what happened, in one line."""
        counts = self.counts
        return (
            f"{counts['arrived']} visitors, {len(self.talks)} conversations, {counts['message']} messages, "
            f"{counts['transferred']} handed over, {counts['closed']} closed, {counts['ticket']} tickets, "
            f"{counts['rating']} ratings; {counts['browsed']} only looked, {counts['left']} waited in vain."
        )

    def _arrivals(self, visitors: int) -> list[float]:
        """Return when the visitors come: a Poisson process of which so many came."""
        chance = self._chance("arrivals")
        return sorted(chance.uniform(0, LAST_ARRIVAL * self.schedule.ends) for _ in range(visitors))

    def _staff(self, agents: int) -> list[User]:
        """Return so many people of the demonstration, of all teams in turn; who is available comes first."""
        known = User.objects.filter(is_active=True, username__in=[each.username for each in PEOPLE])
        by_team = [
            sorted(known.filter(teams=team), key=lambda user: (user.status != "AVAILABLE", user.username))
            for team in self.teams.values()
        ]
        chosen: dict[object, User] = {}
        for rank in range(max(map(len, by_team), default=0)):
            for people in by_team:
                if rank < len(people) and len(chosen) < agents:
                    chosen.setdefault(people[rank].pk, people[rank])
        return list(chosen.values())

    def _begins(self, talk: Talk) -> None:
        say(talk, talk.lines[0], self._tell)
        self.talks.append(talk)

    def _chance(self, *what: object) -> random.Random:
        return random.Random(f"{self.seed}:{what}")  # noqa: S311 - nothing secret

    def _safely(self, actor: Actor) -> Actor:
        """Let a visitor whom the desk refuses go."""
        try:
            yield from actor
        except Problem as problem:
            self._tell("refused", f"A visitor is refused ({problem.code})")

    def _tell(self, what: str, text: str) -> None:
        self.counts[what] += 1
        minutes, seconds = divmod(int(self.schedule.now * self.schedule.scale), 60)
        short = " ".join(text.split())
        self.write(f"{minutes:02d}:{seconds:02d}  {short if len(short) <= 110 else short[:109] + '…'}")
