"""The responder `faq`: the answer of the knowledge entry that the question is about."""

from messaging.robots.knowledge import find
from messaging.robots.responders import Answer, Kind, Question, register

NEAR = 0.2  # what is at least so likely is offered as what the visitor may mean
OFFERED = 3
CLOSE = 0.04  # two entries so close are a matter for the visitor to decide
SURE = 0.9  # unless the first one is as good as what was asked


class FaqResponder:
    """Looks the question up; what is nearly it is offered for a tap."""

    def respond(self, question: Question) -> Answer:
        # The newest message may be a "thanks" to a question before it: what was left unanswered counts too.
        found = find(
            reversed(question.pending), robot_id=question.robot_id, language=question.language, limit=OFFERED
        )
        likely = [each for each in found if each.confidence >= NEAR]
        if not likely:
            return Answer(confidence=0.0)
        best, others = likely[0], likely[1:]
        tied = others and best.confidence - others[0].confidence < CLOSE and best.confidence < SURE
        if best.confidence >= question.threshold and not tied:
            return Answer(best.answer, best.confidence)
        return Answer(confidence=0.0, suggestions=tuple(each.question[:200] for each in likely))


register(Kind("faq", "Questions and answers", FaqResponder))
