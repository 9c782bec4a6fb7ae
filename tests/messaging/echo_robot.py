"""A responder as an integrator's package brings it (docs/robots.md)."""

from messaging.robots.responders import Answer, Question


class Echo:
    title = "Says it again"

    def respond(self, question: Question) -> Answer:
        return Answer(" ".join([question.pending[-1]] * question.config.get("times", 1)))

    @staticmethod
    def check_config(config) -> str:
        return "" if isinstance(config.get("times", 1), int) else "times: expected a number."
