"""The endpoints of conversations."""

from messaging.views.attachments import AttachmentCreate, AttachmentLimits, OneAttachment
from messaging.views.blocking import VisitorAction
from messaging.views.conversations import (
    MessageList,
    MessageSend,
    OneThread,
    OneVisitor,
    ThreadAction,
    ThreadCreate,
    ThreadList,
    ThreadRead,
    ThreadTags,
    ThreadTransfer,
    VisitorList,
)
from messaging.views.edits import MessageRecall, OneMessage
from messaging.views.pages import VisitorPages
from messaging.views.replies import OneReply, ReplyCreate, ReplyList, ReplyRender
from messaging.views.robots import (
    KnowledgeCreate,
    KnowledgeList,
    OneEntry,
    OneRobot,
    RobotCreate,
    RobotList,
    RobotTry,
)
from messaging.views.routing import Queues, ThreadInvite, ThreadRemove
from messaging.views.typing import ThreadTyping

__all__ = [
    "AttachmentCreate",
    "AttachmentLimits",
    "KnowledgeCreate",
    "KnowledgeList",
    "MessageList",
    "MessageRecall",
    "MessageSend",
    "OneAttachment",
    "OneEntry",
    "OneMessage",
    "OneReply",
    "OneRobot",
    "OneThread",
    "OneVisitor",
    "Queues",
    "ReplyCreate",
    "ReplyList",
    "ReplyRender",
    "RobotCreate",
    "RobotList",
    "RobotTry",
    "ThreadAction",
    "ThreadCreate",
    "ThreadInvite",
    "ThreadList",
    "ThreadRead",
    "ThreadRemove",
    "ThreadTags",
    "ThreadTransfer",
    "ThreadTyping",
    "VisitorAction",
    "VisitorList",
    "VisitorPages",
]
