"""Rows of conversations. Words and shapes are those of the iframe protocol."""

from messaging.models.messages import Message, MessageType, ReadMark, Visibility
from messaging.models.replies import CannedReply
from messaging.models.threads import Thread, ThreadState, ThreadType, ThreadWords
from messaging.models.visitors import PageSeen, Visitor

__all__ = [
    "CannedReply",
    "Message",
    "MessageType",
    "PageSeen",
    "ReadMark",
    "Thread",
    "ThreadState",
    "ThreadType",
    "ThreadWords",
    "Visibility",
    "Visitor",
]
