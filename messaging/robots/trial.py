"""Trying a robot: what it would answer, and from which entries, without any conversation."""

import threading
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from api.errors import Problem
from api.ids import new_id
from messaging.models import KnowledgeEntry, Robot, Thread
from messaging.robots import answering
from messaging.robots.answering import Failed, Reply, Work
from messaging.robots.phrases import language_of, phrase, wants_person
from messaging.robots.responders import Answer, Question, is_quick
from messaging.services import robot_pace

AT_ONCE = 2  # that ask a language model, in one process: it answers other callers too
_places = threading.BoundedSemaphore(AT_ONCE)


def tried(*, robot_id: UUID, question: str, language: str = "", actor: User) -> dict[str, Any]:
    """Return what a robot would say to a visitor who asks this first, how sure it is, and from what entries.

    A robot that rests answers too. Where an answer costs as much as one to a visitor, there are few in a day.
    Raises Problem `not_found` or `throttled`.
    """
    robot = Robot.objects.filter(pk=robot_id).first()
    if robot is None:
        raise Problem("not_found")
    robot.active = True  # in this trial
    costs = not is_quick(robot.responder) and not wants_person(question)
    # The place first: who gets none is not counted.
    if costs and not _places.acquire(blocking=False):
        raise Problem("throttled", "Others are trying robots: try again.", headers={"Retry-After": "5"})
    try:
        if refused := robot_pace.admit_try(user_id=actor.pk, costs=costs):
            detail = "Too many are tried in a day." if refused.today else "Too many are tried in a minute."
            raise Problem("throttled", detail, headers={"Retry-After": str(refused.seconds)})
        return _shown(_work(robot, question, language))
    finally:
        if costs:
            _places.release()


def _work(robot: Robot, text: str, language: str) -> Work:
    """Return a question as if a visitor had asked it first."""
    question = Question(
        thread_id=new_id(),
        pending=(text,),
        history=(),
        language=language_of(text, language),
        robot_id=robot.pk,
        robot_name=robot.nickname,
        threshold=robot.threshold,
        config=robot.config,
    )
    return Work(Thread(robot=robot), robot, 1, question, timezone.now())


def _shown(work: Work) -> dict[str, Any]:
    language, failure, given = work.question.language, "", Answer(confidence=0.0)
    if not work.needs_responder:
        reply = Reply(phrase("handed_over", language), hands_over=True)
    else:
        try:
            given = answering.answer_of(work)
            reply = answering.composed(work, given)
        except Failed as error:
            failure, reply = str(error), Reply(phrase("failed", language), hands_over=True)
    rows = dict(KnowledgeEntry.objects.filter(pk__in=given.entries).values_list("pk", "question"))
    return {
        "answer": reply.text,
        "suggestions": list(reply.suggestions),
        "answered": bool(given.text) and given.confidence >= work.robot.threshold,
        "confidence": given.confidence,
        "handsOver": reply.hands_over,
        "entries": [{"id": pk, "question": rows[pk]} for pk in given.entries if pk in rows],
        "failure": failure,
    }
