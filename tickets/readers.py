"""What tickets make of events of other apps, once each (events.readers)."""

from uuid import UUID

from events.models import Event
from events.readers import reader
from tickets.services import create_ticket_of_left_message


@reader("tickets.left_messages", "chat.message_left")
def make_ticket_of_left_message(event: Event) -> None:
    """Make a ticket of a message that a visitor left."""
    create_ticket_of_left_message(message_id=UUID(event.object_id))
