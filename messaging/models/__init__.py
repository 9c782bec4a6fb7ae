"""Rows of conversations. Words and shapes are those of the iframe protocol."""

from messaging.models.left import LeftMessage
from messaging.models.messages import Message, MessageType, ReadMark, Visibility
from messaging.models.replies import CannedReply
from messaging.models.threads import Thread, ThreadState, ThreadType
from messaging.models.visitors import PageSeen, Visitor

__all__ = [
    "CannedReply",
    "LeftMessage",
    "Message",
    "MessageType",
    "PageSeen",
    "ReadMark",
    "Thread",
    "ThreadState",
    "ThreadType",
    "Visibility",
    "Visitor",
]
