"""Every write of conversations."""

from messaging.services.blocking import block_visitor, unblock_visitor
from messaging.services.describing import change_thread
from messaging.services.edits import edit_message, recall_message
from messaging.services.groups import begin_group
from messaging.services.left import leave_message
from messaging.services.messages import refuse_blocked, send_message
from messaging.services.participants import invite, leave, remove_participant
from messaging.services.replies import change_reply, create_reply, delete_reply
from messaging.services.routing import route
from messaging.services.states import accept_thread, close_thread, read_thread, reopen_thread
from messaging.services.threads import create_thread, heard_by, hide_thread
from messaging.services.transfers import take_over_thread, transfer_thread
from messaging.services.visitors import change_visitor, get_or_create_visitor

__all__ = [
    "accept_thread",
    "begin_group",
    "block_visitor",
    "change_reply",
    "change_thread",
    "change_visitor",
    "close_thread",
    "create_reply",
    "create_thread",
    "delete_reply",
    "edit_message",
    "get_or_create_visitor",
    "heard_by",
    "hide_thread",
    "invite",
    "leave",
    "leave_message",
    "read_thread",
    "recall_message",
    "refuse_blocked",
    "remove_participant",
    "reopen_thread",
    "route",
    "send_message",
    "take_over_thread",
    "transfer_thread",
    "unblock_visitor",
]
