"""A robot answers its visitor: reads what waits for an answer, asks the responder, stores what comes of it.

The responder runs outside of any transaction and may take its time. What it says is stored under the thread's
lock, and only if the conversation is still as it was: nobody took it, and the visitor has written nothing
newer, which would be answered together with this by its own task. So each message has one answer at most, in
order, however often a task runs or wherever it was killed (sweep.py finds what was left).
"""

import logging
import traceback
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

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
OFFERED = 5  # suggestions


@dataclass(frozen=True, slots=True)
class Work:
    """A question that waits: the newest message of its visitor has the number `seq`."""

    thread: Thread
    robot: Robot
    seq: int
    question: Question


@dataclass(frozen=True, slots=True)
class Reply:
    """What the robot is going to say, and what becomes of the conversation."""

    text: str
    suggestions: tuple[str, ...] = ()
    misses: int = 0  # in a row, this one included
    hands_over: bool = False


def answer(*, thread_id: UUID, seq: int) -> bool:
    """Answer the visitor's message `seq` of a thread if it still waits for that; return whether it did."""
    work = waiting(thread_id)
    if work is None or work.seq != seq:
        return False
    robot_types(thread=work.thread, robot=work.robot)
    return _store(work, _reply(work))


def waiting(thread_id: UUID) -> Work | None:
    """Return what a thread's robot has to answer, or None."""
    thread = Thread.objects.select_related("robot", "visitor").filter(pk=thread_id, hidden_at=None).first()
    if thread is None or thread.robot is None or not _has_it(thread):
        return None
    newest = _public(thread_id).order_by("-seq")[:LOOKED_AT]
    messages = [each for each in reversed(newest) if each.recalled_at is None]
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
    return Work(thread, thread.robot, asked[-1].seq, question)


def _has_it(thread: Thread) -> bool:
    """Whether the conversation is the robot's, and nobody's else."""
    return thread.type == ThreadType.ROBOT and thread.state == ThreadState.OPEN and thread.agent_id is None


def _public(thread_id: UUID) -> QuerySet[Message]:
    return Message.objects.filter(thread_id=thread_id, visibility=Visibility.PUBLIC).exclude(
        type=MessageType.SYSTEM
    )


def _belong(earlier: Message, newest: Message) -> bool:
    """Whether a message that nobody answered still waits: not what was asked before a pause."""
    return newest.created_at - earlier.created_at < TOGETHER


def _said(message: Message) -> Said:
    text = message.content if message.type == MessageType.TEXT else f"[{message.type}]"
    return Said("visitor" if message.visitor_id else "robot" if message.robot_id else "agent", text)


def _reply(work: Work) -> Reply:
    """Return what the robot says; where its responder fails, a colleague takes over."""
    language = work.question.language
    if not work.robot.active or any(map(wants_person, work.question.pending)):
        return Reply(phrase("handed_over", language), hands_over=True)
    if not work.question.pending:
        return composed(work, Answer(confidence=0.0))
    try:
        given = responder_of(work.robot.responder).respond(work.question)
        return composed(work, _cleaned(given))
    except ServiceError as error:
        log.warning("robot %s could not answer: %s", work.robot.pk, error)
    except Exception as error:  # noqa: BLE001 - whatever a responder does, its visitor gets an answer
        # By its type alone: a message of somebody else's code may hold what the visitor wrote, or a key.
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        log.warning(
            "robot %s could not answer: %s (%s:%s)", work.robot.pk, kind, place.filename, place.lineno
        )
    return Reply(phrase("failed", language), hands_over=True)


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


def _store(work: Work, reply: Reply) -> bool:
    """Say it, if the conversation still stands where the question was asked; return whether it does."""
    with transaction.atomic():
        try:
            thread = locked_thread(work.thread.pk)
        except Problem:
            return False
        newest = _public(thread.pk).order_by("-seq").values_list("seq", "visitor_id").first()
        if (
            thread.hidden_at
            or not _has_it(thread)
            or newest is None
            or newest != (work.seq, thread.visitor_id)
        ):
            return False
        _say(thread, work, reply)
        if reply.hands_over:
            hand_over_locked(thread, None)
        elif reply.misses != thread.robot_misses:
            Thread.objects.filter(pk=thread.pk).update(robot_misses=reply.misses)
    return True


def _say(thread: Thread, work: Work, reply: Reply) -> None:
    said = {"thread": thread, "robot": work.robot, "content": reply.text, "suggestions": reply.suggestions}
    try:
        with transaction.atomic():
            send_message(**said, client_id=f"robot:{work.seq}")
    except Problem as problem:
        if problem.code != "already_exists":
            raise
        send_message(**said)  # the visitor's own page has used that id: the lock alone must do
