"""Query parameters of conversations, messages and visitors that need more than one column's comparison."""

from dataclasses import dataclass
from typing import Any

from api.filters import Choice, Clause, Has, Id, Number, refuse
from api.ids import id_array
from api.search import Words, literal

CONTENT = '"messaging_message"."content"'


@dataclass(frozen=True)
class InState(Choice):
    """One or several of a closed set, written out so that a plan takes the index of those in this state."""

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        _, (chosen,) = super().clause(name, column, text, caller)
        return f"{column} IN ({', '.join(literal(each) for each in sorted(set(chosen)))})", []


@dataclass(frozen=True)
class Tagged(Has):
    """All of these tags are on it: `tags=vip,refund`."""

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        if "\x00" in text:
            raise refuse(name, text, "tags")
        # Written out for the plan's sake (api.search.literal); the second half names the partial index.
        tags = ", ".join(literal(tag.strip()) for tag in text.split(","))
        return f"{column} @> ARRAY[{tags}]::varchar[] AND {column} <> '{{}}'", []


@dataclass(frozen=True)
class Mentioned(Id):
    """Messages that mention one of some users."""

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        if text == "none":
            return f"{column} = '{{}}'", []
        words = text.split(",")
        ids = [caller.user_id if word == "me" else self._id(name, word) for word in words]
        return f"{column} && {literal(id_array(ids))}::uuid[] AND {column} <> '{{}}'", []


@dataclass(frozen=True)
class Happened:
    """Whether it has happened at all: `true` or `false`."""

    path: str

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        return f"{column} IS {'NOT ' if _truth(name, text) else ''}NULL", []


@dataclass(frozen=True)
class Unread:
    """Threads in which the caller has (`true`) or has not (`false`) something to read."""

    path: str

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        marks = "messaging_readmark m WHERE m.thread_id = messaging_thread.id AND m.user_id = %s"
        unread = f"({column} > coalesce((SELECT m.seq FROM {marks}), 0)) = %s"
        return unread, [caller.user_id, _truth(name, text)]


@dataclass(frozen=True)
class OneId(Id):
    """One id, compared so that an index which goes on with an order gives that order: ANY(…) would sort."""

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        return f"{column} = %s", [self._id(name, text)]


@dataclass(frozen=True)
class Beyond(Number):
    """Greater than a whole number: the messages after the last one that a client has."""

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        _, params = super().clause(name, column, text, caller)
        return f"{column} > %s", params


@dataclass(frozen=True)
class FoundThread(Words):
    """The text occurs in the topic, or in the nickname or e-mail of the visitor; not for threads of tickets,
    which `tickets/list` finds."""

    path: str = "id"
    columns: tuple[str, ...] = ("w.topic", "w.visitor")
    pairs: str = "messaging_pairs(w.topic, w.visitor)"

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        found = self.condition(name, text)
        return f"{column} IN (SELECT w.thread_id FROM messaging_threadwords w WHERE {found})", []


@dataclass(frozen=True)
class FoundVisitor(Words):
    """The text occurs in the nickname or the e-mail; one or two letters are how a word begins."""

    path: str = "id"
    columns: tuple[str, ...] = ('"messaging_visitor"."nickname"', '"messaging_visitor"."email"')
    pairs: str = 'messaging_pairs("messaging_visitor"."nickname", "messaging_visitor"."email")'


@dataclass(frozen=True)
class FoundMessage(Words):
    """The text occurs in the message, in any script; one or two letters are how a word begins."""

    path: str = "content"
    columns: tuple[str, ...] = (CONTENT,)
    pairs: str = f"octet_length({CONTENT}) > length({CONTENT}) AND messaging_pairs({CONTENT}, '')"


@dataclass(frozen=True)
class Participant(Id):
    """Threads into which one of these people was invited; `none` finds those of nobody's invitation."""

    def clause(self, name: str, column: str, text: str, caller: Any) -> Clause:
        invited = f"SELECT 1 FROM messaging_threadparticipant p WHERE p.thread_id = {column}"
        if text == "none":
            return f"NOT EXISTS ({invited})", []
        within, params = super().clause(name, "p.user_id", text, caller)
        return f"EXISTS ({invited} AND {within})", params


def _truth(name: str, text: str) -> bool:
    """Return what `true` or `false` says. Raises Problem `invalid_parameter`."""
    if text not in ("true", "false"):
        raise refuse(name, text, "true or false")
    return text == "true"
