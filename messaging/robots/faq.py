"""The responder `faq`: the answer of the knowledge entry that the question is about."""

from messaging.robots.knowledge import Found, find
from messaging.robots.responders import Answer, Kind, Question, register

NEAR = 0.2  # what is at least so likely is offered as what the visitor may mean
OFFERED = 3
CLOSE = 0.04  # two entries so close are a matter for the visitor to decide
SURE = 0.9  # unless the first one is as good as what was asked
AT_ONCE = 4  # questions, of several that came before the first was answered


class FaqResponder:
    """Looks each message up that waits: who asks two things at once gets two answers, in order.

    What is nearly it is offered for a tap; a "thanks" behind a question takes nothing from its answer.
    """

    def respond(self, question: Question) -> Answer:
        known: dict[str, Found] = {}
        offered: tuple[str, ...] = ()
        for text in question.pending[-AT_ONCE:]:
            found = find([text], robot_id=question.robot_id, language=question.language, limit=OFFERED)
            likely = [each for each in found if each.confidence >= NEAR]
            if likely and likely[0].confidence >= question.threshold and not _tied(likely):
                known.setdefault(likely[0].answer, likely[0])
            else:
                offered = tuple(each.question[:200] for each in likely) or offered
        if known:
            least = min(each.confidence for each in known.values())
            return Answer("\n\n".join(known), least, entries=tuple(each.id for each in known.values()))
        return Answer(confidence=0.0, suggestions=offered)


def _tied(likely: list[Found]) -> bool:
    best = likely[0].confidence
    return len(likely) > 1 and best < SURE and best - likely[1].confidence < CLOSE


register(Kind("faq", "Questions and answers", FaqResponder, quick=True))
