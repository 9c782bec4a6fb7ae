"""What messaging does when something happens at a lower app: it reads their events, in the worker."""

from events.models import Event
from events.readers import reader
from messaging.services import routing

FEW = 10  # threads given away in a reader's transaction, which others wait for; the timers do the rest


@reader("routing", "user.presence", "user.updated", "team.updated")
def people_changed(event: Event) -> None:
    """Somebody is available, takes more, joined a team, or is gone: move the queues on."""
    data = event.data
    gone = data.get("reason") == "dropped" or data.get("new", {}).get("active") is False
    if gone and event.type in ("user.presence", "user.updated"):
        routing.return_threads(event.object_id)
    routing.sweep(FEW)
