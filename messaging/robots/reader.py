"""What robots hear of: each message of a visitor in a robot's conversation becomes a background job."""

from events.models import Event
from events.readers import reader
from messaging.models import Thread, ThreadState, ThreadType
from messaging.robots.tasks import ask


@reader("robots", "message.created")
def hear(event: Event) -> None:
    said = event.data
    if (said.get("user") or {}).get("type") != "visitor":
        return
    of_robot = Thread.objects.filter(pk=said["thread"], type=ThreadType.ROBOT, state=ThreadState.OPEN)
    responder = of_robot.values_list("robot__responder", flat=True).first()
    if responder is not None:
        ask(said["thread"], said["seq"], responder=responder)
