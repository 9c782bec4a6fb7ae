"""Rows of conversations. Words and shapes are those of the iframe protocol."""

from messaging.models.attachments import Attachment, DiscardedFile, UploadPace
from messaging.models.left import LeftMessage
from messaging.models.messages import Message, MessageType, ReadMark, Visibility
from messaging.models.replies import CannedReply
from messaging.models.robot_pace import RobotAsker, RobotPace
from messaging.models.robots import KnowledgeEntry, Robot
from messaging.models.threads import (
    AMONG_COLLEAGUES,
    CHATS,
    Thread,
    ThreadParticipant,
    ThreadState,
    ThreadType,
    ThreadWords,
    Turn,
)
from messaging.models.visitors import PageSeen, Visitor

__all__ = [
    "AMONG_COLLEAGUES",
    "CHATS",
    "Attachment",
    "CannedReply",
    "DiscardedFile",
    "LeftMessage",
    "KnowledgeEntry",
    "Message",
    "MessageType",
    "PageSeen",
    "ReadMark",
    "Robot",
    "RobotAsker",
    "RobotPace",
    "Thread",
    "ThreadParticipant",
    "ThreadState",
    "ThreadType",
    "ThreadWords",
    "Turn",
    "UploadPace",
    "Visibility",
    "Visitor",
]
