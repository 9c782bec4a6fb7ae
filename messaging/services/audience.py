"""Who hears what happens in a conversation: the people of the desk (services.threads), and its visitor."""

from uuid import UUID

from messaging.models import CHATS


def visitor_channel(visitor_id: UUID) -> str:
    """Return the channel that a visitor's own browser listens to, and nobody else."""
    return f"chat/visitor:{visitor_id}"


def heard_by_visitor(type: str, visitor_id: UUID | None) -> list[str]:
    """Return the visitor's part of the audience of what it may see in a thread."""
    return [visitor_channel(visitor_id)] if visitor_id and type in CHATS else []
