"""Addresses of conversations, under /api/."""

from django.urls import path

from messaging import services, views

urlpatterns = [
    path("messages/list", views.MessageList.as_view()),
    path("messages/send", views.MessageSend.as_view()),
    path("messages/create", views.MessageSend.as_view()),
    path("messages/<str:id>", views.OneMessage.as_view()),
    path("messages/<str:id>/recall", views.MessageRecall.as_view()),
    path("threads/list", views.ThreadList.as_view()),
    path("threads/tags", views.ThreadTags.as_view()),
    path("threads/create", views.ThreadCreate.as_view()),
    path("threads/queue", views.Queues.as_view()),
    path("threads/<str:id>", views.OneThread.as_view()),
    path("threads/<str:id>/accept", views.ThreadAction.as_view(service=services.accept_thread)),
    path("threads/<str:id>/close", views.ThreadAction.as_view(service=services.close_thread)),
    path("threads/<str:id>/reopen", views.ThreadAction.as_view(service=services.reopen_thread)),
    path("threads/<str:id>/takeover", views.ThreadAction.as_view(service=services.take_over_thread)),
    path("threads/<str:id>/invite", views.ThreadInvite.as_view()),
    path("threads/<str:id>/remove", views.ThreadRemove.as_view()),
    path("threads/<str:id>/leave", views.ThreadAction.as_view(service=services.leave)),
    path("threads/<str:id>/transfer", views.ThreadTransfer.as_view()),
    path("threads/<str:id>/read", views.ThreadRead.as_view()),
    path("threads/<str:id>/typing", views.ThreadTyping.as_view()),
    path("replies/list", views.ReplyList.as_view()),
    path("replies/create", views.ReplyCreate.as_view()),
    path("replies/<str:id>", views.OneReply.as_view()),
    path("replies/<str:id>/render", views.ReplyRender.as_view()),
    path("attachments/create", views.AttachmentCreate.as_view()),
    path("attachments/limits", views.AttachmentLimits.as_view()),
    path("attachments/<str:id>", views.OneAttachment.as_view()),
    path("visitors/list", views.VisitorList.as_view()),
    path("visitors/<str:id>/pages", views.VisitorPages.as_view()),
    path("visitors/<str:id>", views.OneVisitor.as_view()),
    path("visitors/<str:id>/block", views.VisitorAction.as_view(service=services.block_visitor)),
    path("visitors/<str:id>/unblock", views.VisitorAction.as_view(service=services.unblock_visitor)),
]
