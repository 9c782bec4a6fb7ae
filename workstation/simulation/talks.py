"""One simulated conversation: who asks what, and how far it has come."""

import random
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import Team
from messaging.models import Message, Thread, Visibility, Visitor
from workstation.demo.texts import TEAMS, Request
from workstation.simulation import texts

PATIENT, IMPATIENT, BROWSING = "patient", "impatient", "browsing"


@dataclass
class Talk:
    """A visitor with a request; `chance` is its own, so that nobody's luck depends on when others act."""

    name: str
    language: str
    temper: str
    request: Request
    order: str
    team: Team
    chance: random.Random
    visitor: Visitor | None = None
    thread_id: UUID | None = None
    answers: int = 0  # replies given from the request's text
    is_handed_over: bool = False
    is_noted: bool = False
    is_nudged: bool = False
    bids_farewell: bool = False
    lines: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = [line.format(n=self.order) for line in self.request.chat]

    def one_of(self, choices: dict[str, tuple[str, ...]]) -> str:
        return self.chance.choice(choices[self.language])

    def thread(self) -> Thread:
        return Thread.objects.select_related("agent", "team").get(pk=self.thread_id)

    def last_message(self) -> Message | None:
        found = Message.objects.filter(thread_id=self.thread_id, visibility=Visibility.PUBLIC)
        return found.exclude(type="system").order_by("-seq").first()

    def next_reply(self) -> str:
        """Return what an agent says next: from the request's text, in the end a farewell."""
        replies = self.lines[1::2]
        if self.answers < len(replies):
            reply = replies[self.answers]
            if self.is_nudged and self.answers == 0:
                reply = f"{texts.APOLOGIES[self.language]} {reply}"
            self.answers += 1
            return reply
        self.bids_farewell = True
        return self.one_of(texts.FAREWELLS)


def new_talk(chance: random.Random, teams: dict[str, Team], taken: set[str]) -> Talk:
    """Return somebody new, of any kind; of a name that is not `taken`, while there are some."""
    language = chance.choices(list(texts.LANGUAGES), list(texts.LANGUAGES.values()))[0]
    request = chance.choice(texts.ASKED[language])
    free = [name for name in texts.NAMES[language] if name not in taken]
    name = chance.choice(free or texts.NAMES[language])
    taken.add(name)
    return Talk(
        name=name,
        language=language,
        temper=chance.choices((PATIENT, IMPATIENT, BROWSING), (68, 22, 10))[0],
        request=request,
        order=str(chance.randrange(20_000, 30_000)),
        team=teams[request.team if request.team in TEAMS else next(iter(TEAMS))],
        chance=chance,
    )
