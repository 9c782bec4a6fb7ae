"""Telling waiting visitors their place in the queue, when it has changed."""

from uuid import UUID

from events.services import whisper
from messaging import queue_queries
from messaging.services.audience import heard_by_visitor

Place = tuple[int, int | None]


class Positions:
    """Remembers what was told; of several workers each tells, which does no harm: it is the same."""

    def __init__(self) -> None:
        self.told: dict[UUID, Place] = {}

    def tell(self) -> int:
        """Whisper `chat.queue` to the first of each queue whose place or estimate is another than before;
        return to how many.
        """
        places = queue_queries.first_places() if queue_queries.anything_waits() else []
        now: dict[UUID, Place] = {}
        for each in places:
            now[each.thread_id] = each.position, each.estimate
            if self.told.get(each.thread_id) != now[each.thread_id]:
                whisper(
                    "chat.queue",
                    audience=heard_by_visitor(each.type, each.visitor_id),
                    data={
                        "id": each.thread_id,
                        "uid": each.thread_id,
                        "position": each.position,
                        "estimateSeconds": each.estimate,
                    },
                )
        told, self.told = self.told, now
        return sum(told.get(thread_id) != place for thread_id, place in now.items())
