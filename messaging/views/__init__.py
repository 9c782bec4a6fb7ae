"""The endpoints of conversations."""

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
from messaging.views.typing import ThreadTyping

__all__ = [
    "MessageList",
    "MessageRecall",
    "MessageSend",
    "OneMessage",
    "OneReply",
    "OneThread",
    "OneVisitor",
    "ReplyCreate",
    "ReplyList",
    "ReplyRender",
    "ThreadAction",
    "ThreadCreate",
    "ThreadList",
    "ThreadRead",
    "ThreadTags",
    "ThreadTransfer",
    "ThreadTyping",
    "VisitorAction",
    "VisitorList",
    "VisitorPages",
]
