"""What a simulated agent does: takes what waits, answers, notes, hands over, makes tickets, closes."""

import random
from collections.abc import Iterable

from accounts.models import User
from accounts.roles import rights
from api.errors import Problem
from messaging import services
from messaging.models import Thread, ThreadState
from messaging.services import typing
from tickets.queries import PRIORITIES
from tickets.services import create_ticket
from tokens.caller import Caller
from workstation.demo.texts import NOTES
from workstation.simulation import texts
from workstation.simulation.schedule import Actor
from workstation.simulation.talks import Talk
from workstation.simulation.visitors import Tell, note

AT_ONCE = 4  # conversations
LETTERS_PER_SECOND = 16  # half of it is pasted


def work(user: User, staff: list[User], chance: random.Random, talks: list[Talk], tell: Tell) -> Actor:
    """Work on the simulated conversations, for as long as the simulation goes on; `staff` are all who do."""
    teams = set(user.teams.values_list("pk", flat=True))
    while True:
        yield chance.uniform(0.8, 2.2)
        try:
            mine = [talk for talk in _open(talks) if talk.thread().agent_id == user.pk]
            waiting = next((talk for talk in mine if _asks(talk)), None)
            if waiting is not None:
                yield from _answer(user, staff, waiting, chance, tell)
            elif len(mine) < AT_ONCE:
                _accept(user, teams, talks, tell)
        except Problem as problem:  # somebody was faster: the visitor, another agent
            tell("refused", f"{user.shown_name} comes too late ({problem.code})")


def _open(talks: Iterable[Talk]) -> list[Talk]:
    """Return the conversations that go on, the oldest first."""
    by_thread = {talk.thread_id: talk for talk in talks}
    found = Thread.objects.filter(pk__in=by_thread, state=ThreadState.OPEN).order_by("created_at")
    return [by_thread[pk] for pk in found.values_list("pk", flat=True)]


def _asks(talk: Talk) -> bool:
    last = talk.last_message()
    return last is not None and last.visitor_id is not None


def _accept(user: User, teams: set, talks: list[Talk], tell: Tell) -> None:
    by_thread = {talk.thread_id: talk for talk in talks}
    queued = Thread.objects.filter(pk__in=by_thread, state=ThreadState.QUEUED, team__in=teams)
    if thread := queued.order_by("queued_at", "pk").first():
        services.accept_thread(thread_id=thread.pk, actor=user)
        tell("accepted", f"{user.shown_name} takes {by_thread[thread.pk].name}")


def _answer(user: User, staff: list[User], talk: Talk, chance: random.Random, tell: Tell) -> Actor:
    thread = talk.thread()
    services.read_thread(thread_id=thread.pk, user=user)
    if talk.answers == 0 and not talk.is_handed_over and _hands_over(user, staff, talk, thread, tell):
        return
    reply = talk.next_reply()
    typing.agent_types(thread=thread, user=user, typing=True)
    yield len(reply) / LETTERS_PER_SECOND
    services.send_message(thread=thread, user=user, content=reply)
    tell("message", f"{user.shown_name} → {talk.name}: {reply}")
    if not talk.is_noted and talk.answers and chance.random() < 0.12:
        talk.is_noted = True
        note(thread, chance.choice(NOTES.get(talk.language, NOTES["en"])), user=user)
        tell("note", f"{user.shown_name} notes something on {talk.name}")
    if talk.bids_farewell:
        yield chance.uniform(0.5, 1.5)
        if chance.random() < 0.4:
            _make_ticket(user, talk, chance, tell)
        services.close_thread(thread_id=thread.pk, actor=user)
        tell("closed", f"{user.shown_name} closes the conversation with {talk.name}")


def _hands_over(user: User, staff: list[User], talk: Talk, thread: Thread, tell: Tell) -> bool:
    """Give a conversation to a colleague of the team; return whether there was reason to."""
    if thread.team is None or talk.chance.random() > 0.12:
        return False
    talk.is_handed_over = True
    colleagues = thread.team.members.filter(pk__in=[each.pk for each in staff]).exclude(pk=user.pk)
    colleague = colleagues.order_by("username").first()
    if colleague is None:
        return False
    note(thread, texts.HAND_OVERS[talk.language], user=user)
    services.transfer_thread(thread_id=thread.pk, actor=user, agent=colleague)
    tell("transferred", f"{user.shown_name} hands {talk.name} over to {colleague.shown_name}")
    return True


def _make_ticket(user: User, talk: Talk, chance: random.Random, tell: Tell) -> None:
    made = create_ticket(
        caller=caller_of(user),
        values={
            "originThread": talk.thread_id,
            "title": talk.request.title.format(n=talk.order),
            "content": talk.request.content.format(n=talk.order),
            "type": talk.request.type,
            "tags": list(talk.request.tags),
            "priority": chance.choice(list(PRIORITIES.values())),
            "assignee": "me",
        },
    )
    tell("ticket", f"{user.shown_name} makes ticket #{made['number']} for {talk.name}")


def caller_of(user: User) -> Caller:
    """Return somebody who works in this process, with the rights of the role."""

    def again() -> Caller:
        return caller_of(user)

    teams = tuple(user.teams.values_list("pk", flat=True))
    return Caller(user, None, rights(user.role), teams, False, None, again)
