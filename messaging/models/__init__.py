"""Rows of conversations. Words and shapes are those of the iframe protocol."""

from messaging.models.messages import Message, MessageType, ReadMark, Visibility
from messaging.models.replies import CannedReply
from messaging.models.robots import KnowledgeEntry, Robot
from messaging.models.threads import Thread, ThreadState, ThreadType
from messaging.models.visitors import PageSeen, Visitor

__all__ = [
    "CannedReply",
    "KnowledgeEntry",
    "Message",
    "MessageType",
    "PageSeen",
    "ReadMark",
    "Robot",
    "Thread",
    "ThreadState",
    "ThreadType",
    "Visibility",
    "Visitor",
]
