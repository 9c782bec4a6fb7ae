"""A robot answers its visitor: reads what waits for an answer, asks the responder, stores what comes of it.

The responder runs outside of any transaction and may take its time. What it says is stored under the thread's
lock, and only if the conversation is still as it was: nobody took it, and the visitor has written nothing
newer, which would be answered together with this by its own task. So each message has one answer at most, in
order, however often a task runs or wherever it was killed (sweep.py finds what was left). Where an answer
has to wait (services.robot_pace), the robot says so once, and the question waits on.
"""

import logging
import traceback
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from api.errors import Problem
from messaging.models import Message, MessageType, Robot, Thread, ThreadState, ThreadType, Visibility
from messaging.robots.openai import ServiceError
from messaging.robots.phrases import language_of, phrase, small_talk, wants_person
from messaging.robots.responders import Answer, Question, Said, responder_of
from messaging.services.handover import hand_over_locked
from messaging.services.messages import send_message
from messaging.services.threads import locked_thread
from messaging.services.typing import robot_types

log = logging.getLogger("inlay.robots")
TOGETHER = timedelta(minutes=3)
HISTORY = 20  # messages before the question that a responder gets
LOOKED_AT = 40
LONGEST = 10_000  # characters of an answer
LATER = "robot-later:"  # with it begin the client ids of a robot's words that its answer comes later
PATIENCE = timedelta(minutes=3)  # that a question waits for a language model's turn, until people have it
OFFERED = 5  # suggestions


@dataclass(frozen=True, slots=True)
class Work:
    """A question that waits: the newest message of its visitor has the number `seq`."""

    thread: Thread
    robot: Robot
    seq: int
    question: Question
    asked_at: datetime  # the first of the messages that wait
    put_off: bool = False  # the visitor knows that the answer comes later

    @property
    def needs_responder(self) -> bool:
        """Whether it takes the responder to answer it."""
        pending = self.question.pending
        return self.robot.active and bool(pending) and not any(map(wants_person, pending))

    @property
    def is_old(self) -> bool:
        """Whether it has waited for its turn so long that people should have it."""
        return timezone.now() - self.asked_at > PATIENCE


@dataclass(frozen=True, slots=True)
class Reply:
    """What the robot is going to say, and what becomes of the conversation."""

    text: str
    suggestions: tuple[str, ...] = ()
    misses: int = 0  # in a row, this one included
    hands_over: bool = False


class Failed(Exception):
    """A responder gave no answer; the message says why, and nothing of what was asked."""


def give(work: Work) -> bool:
    """Answer a question; return whether it still waited for that."""
    robot_types(thread=work.thread, robot=work.robot)
    return _store(work, _reply(work))


def give_up(work: Work) -> bool:
    """Give a question that cannot have its answer in time to people; return whether it still waited."""
    return _store(work, Reply(phrase("failed", work.question.language), hands_over=True))


def put_off(work: Work) -> None:
    """Say, once, that the answer comes later, and offer a person; the question goes on waiting."""
    if not work.put_off:
        language = work.question.language
        text = f"{phrase('busy', language)} {phrase('offer', language)}"
        _store(work, Reply(text, (phrase("ask", language),), work.thread.robot_misses), later=True)


def waiting(thread_id: UUID) -> Work | None:
    """Return what a thread's robot has to answer, or None."""
    thread = Thread.objects.select_related("robot", "visitor").filter(pk=thread_id, hidden_at=None).first()
    if thread is None or thread.robot is None or not _has_it(thread):
        return None
    newest = public(thread_id).order_by("-seq")[:LOOKED_AT]
    heard = [each for each in reversed(newest) if each.recalled_at is None]
    messages = [each for each in heard if not _is_later(each)]
    asked: list[Message] = []
    while messages and messages[-1].visitor_id and (not asked or _belong(messages[-1], asked[-1])):
        asked.insert(0, messages.pop())
    if not asked:
        return None
    pending = tuple(each.content for each in asked if each.type == MessageType.TEXT)
    question = Question(
        thread_id=thread_id,
        pending=pending,
        history=tuple(map(_said, messages[-HISTORY:])),
        language=language_of(" ".join(pending), thread.visitor.language if thread.visitor else ""),
        robot_id=thread.robot.pk,
        robot_name=thread.robot.nickname,
        threshold=thread.robot.threshold,
        config=thread.robot.config,
    )
    put_off = any(each.seq > asked[0].seq for each in heard if _is_later(each))
    return Work(thread, thread.robot, asked[-1].seq, question, asked[0].created_at, put_off)


def _has_it(thread: Thread) -> bool:
    """Whether the conversation is the robot's, and nobody's else."""
    return thread.type == ThreadType.ROBOT and thread.state == ThreadState.OPEN and thread.agent_id is None


def public(thread: UUID | OuterRef) -> QuerySet[Message]:
    """Return what visitor, robot and agents said to each other in a thread."""
    said = Message.objects.filter(thread=thread, visibility=Visibility.PUBLIC)
    return said.exclude(type=MessageType.SYSTEM)


def spoken(thread: UUID | OuterRef) -> QuerySet[Message]:
    """Return the same without a robot's words that its answer comes later: they answer nothing."""
    return public(thread).exclude(robot__isnull=False, client_id__startswith=LATER)


def _is_later(message: Message) -> bool:
    return message.robot_id is not None and message.client_id.startswith(LATER)


def _belong(earlier: Message, newest: Message) -> bool:
    """Whether a message that nobody answered still waits: not what was asked before a pause."""
    return newest.created_at - earlier.created_at < TOGETHER


def _said(message: Message) -> Said:
    text = message.content if message.type == MessageType.TEXT else f"[{message.type}]"
    return Said("visitor" if message.visitor_id else "robot" if message.robot_id else "agent", text)


def _reply(work: Work) -> Reply:
    """Return what the robot says; where its responder fails, a colleague takes over."""
    language = work.question.language
    if not work.needs_responder:
        if work.robot.active and not work.question.pending:
            return composed(work, Answer(confidence=0.0))
        return Reply(phrase("handed_over", language), hands_over=True)
    try:
        return composed(work, answer_of(work))
    except Failed as error:
        log.warning("robot %s could not answer: %s", work.robot.pk, error)
    return Reply(phrase("failed", language), hands_over=True)


def answer_of(work: Work) -> Answer:
    """Return what the robot's responder makes of a question. Raises Failed, whatever happens there."""
    try:
        return _cleaned(responder_of(work.robot.responder).respond(work.question))
    except ServiceError as error:
        raise Failed(str(error)) from None
    except Exception as error:  # noqa: BLE001 - whatever a responder does, its visitor gets an answer
        # By its type alone: a message of somebody else's code may hold what the visitor wrote, or a key.
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise Failed(f"{type(error).__name__} ({place.filename}:{place.lineno})") from None


def composed(work: Work, given: Answer) -> Reply:
    """Return what the robot makes of an answer: it says it, asks again, offers a person, or hands over."""
    robot, language = work.robot, work.question.language
    knows = bool(given.text) and given.confidence >= robot.threshold
    if given.wants_person:
        parts = [given.text] if knows else []
        return Reply("\n\n".join([*parts, phrase("handed_over", language)]), hands_over=True)
    if knows:
        return Reply(given.text, given.suggestions)
    talk = small_talk(work.question.pending[-1]) if work.question.pending else ""
    if talk and not given.suggestions:
        greets = talk == "hello" and robot.welcome_text
        suggestions = tuple(robot.suggestions) if talk == "hello" else ()
        return Reply(greets or phrase(talk, language), suggestions, work.thread.robot_misses)
    misses = work.thread.robot_misses + 1
    if robot.hand_over_after and misses >= robot.hand_over_after:
        return Reply(phrase("handed_over", language), hands_over=True)
    text, suggestions = phrase("mean" if given.suggestions else "miss", language), given.suggestions
    if misses >= robot.offer_after:
        text = f"{text}\n\n{phrase('offer', language)}"
        suggestions = (*suggestions[: OFFERED - 1], phrase("ask", language))
    return Reply(text, suggestions, misses)


def _cleaned(given: Answer) -> Answer:
    """Return an answer as it can be stored, whoever's code gave it. Raises TypeError where it is none."""
    if not isinstance(given, Answer) or not isinstance(given.text, str):
        raise TypeError("A responder gives an Answer.")
    suggestions = (str(each).replace("\x00", "").strip()[:200] for each in given.suggestions)
    return replace(
        given,
        text=given.text.replace("\x00", "").strip()[:LONGEST],
        suggestions=tuple(dict.fromkeys(filter(None, suggestions)))[:OFFERED],
    )


def _store(work: Work, reply: Reply, *, later: bool = False) -> bool:
    """Say it, if the conversation still stands where the question was asked; return whether it does.

    `later` is what is said while the question goes on waiting.
    """
    with transaction.atomic():
        try:
            thread = locked_thread(work.thread.pk)
        except Problem:
            return False
        newest = spoken(thread.pk).order_by("-seq").values_list("seq", "visitor_id").first()
        if (
            thread.hidden_at
            or not _has_it(thread)
            or newest is None
            or newest != (work.seq, thread.visitor_id)
        ):
            return False
        _say(thread, work, reply, f"{LATER if later else 'robot:'}{work.seq}")
        if reply.hands_over:
            hand_over_locked(thread, None)
        elif reply.misses != thread.robot_misses:
            Thread.objects.filter(pk=thread.pk).update(robot_misses=reply.misses)
    return True


def _say(thread: Thread, work: Work, reply: Reply, client_id: str) -> None:
    said = {"thread": thread, "robot": work.robot, "content": reply.text, "suggestions": reply.suggestions}
    try:
        with transaction.atomic():
            send_message(**said, client_id=client_id)
    except Problem as problem:
        if problem.code != "already_exists":
            raise
        # The visitor's own page has used that id: the lock alone must do.
        if not client_id.startswith(LATER):
            send_message(**said)
