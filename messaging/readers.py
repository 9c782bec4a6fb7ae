"""What messaging does when something happens at a lower app: it reads their events, in the worker."""

from events.models import Event
from events.readers import reader
from messaging.services import routing

FEW = 10  # threads given away in a reader's transaction, which others wait for; the timers do the rest


@reader("routing", "user.presence", "user.updated", "team.updated")
def people_changed(event: Event) -> None:
    """Somebody is available, takes more, joined a team, or is gone: move the queues on."""
    data = event.data
    is_dropped = event.type == "user.presence" and data.get("reason") == "dropped"
    is_retired = event.type == "user.updated" and data.get("new", {}).get("active") is False
    if is_dropped or is_retired:
        routing.return_threads(event.object_id, direct=is_retired)
    routing.sweep(FEW)
