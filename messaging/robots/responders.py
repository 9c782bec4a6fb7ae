"""How a robot comes by its answers: the interface of a responder, and the registry of those there are.

A package of your own plugs one in by `ROBOT_RESPONDERS=name=package.module.Class` (docs/robots.md).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Said:
    """A public message so far; `by` says of which side it is."""

    by: Literal["visitor", "robot", "agent"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a responder gets: what the visitor wrote since the last answer, and what was said before."""

    thread_id: UUID
    pending: tuple[str, ...]  # in order; the last one is the newest
    history: tuple[Said, ...]  # before these, in order; the last twenty
    language: str  # to answer in: "en", "zh-hans", …
    robot_id: UUID
    robot_name: str  # as visitors see it
    threshold: float  # an answer less certain than this counts as none
    config: Mapping[str, Any] = field(default_factory=dict)  # of the robot, as the admin wrote it


@dataclass(frozen=True, slots=True)
class Answer:
    """What a responder gives. Without a text, or with less confidence than asked for, it does not know."""

    text: str = ""
    confidence: float = 1.0
    suggestions: tuple[str, ...] = ()  # offered to the visitor, who answers with a tap
    wants_person: bool = False  # hands the conversation to a person, after the text
    entries: tuple[UUID, ...] = ()  # of the knowledge, from which the answer comes


class Responder(Protocol):
    """Answers a question. Made anew for every question.

    `respond` runs in the worker, outside of any transaction, so it may take its time over the network. What
    it raises is logged by its type, and the conversation goes to a person.
    """

    def respond(self, question: Question) -> Answer: ...


@dataclass(frozen=True)
class Kind:
    """A responder that robots may have; `check` says what is wrong with a robot's config, or "".

    `quick` is one that asks nobody over the network: its answers are bounded by nothing but the visitor's
    pace, and wait for no other robot's.
    """

    name: str
    title: str
    make: Callable[[], Responder]
    check: Callable[[Mapping[str, Any]], str] = lambda config: ""
    available: Callable[[], bool] = lambda: True
    quick: bool = False


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Offer a responder to robots."""
    KINDS[kind.name] = kind


def kinds() -> Mapping[str, Kind]:
    """Return every responder, those of the environment included."""
    _take_plugged_in()
    return KINDS


@cache
def _take_plugged_in() -> None:
    for name, path in settings.ROBOT_RESPONDERS.items():
        made = import_string(path)
        check = getattr(made, "check_config", lambda config: "")
        quick = bool(getattr(made, "quick", False))
        register(Kind(name, getattr(made, "title", name), made, check, quick=quick))


def responder_of(name: str) -> Responder:
    """Return a new responder. Raises LookupError where there is none of that name, or it is switched off."""
    kind = kinds().get(name)
    if kind is None or not kind.available():
        raise LookupError(f"There is no responder {name!r}.")
    return kind.make()


def is_quick(name: str) -> bool:
    """Whether a responder asks nobody over the network; one that is not there fails at once."""
    kind = kinds().get(name)
    return kind is None or kind.quick
