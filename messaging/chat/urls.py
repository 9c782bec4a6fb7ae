"""Addresses of the visitor's side, under /api/chat/."""

from django.urls import path

from messaging.chat import human, uploads, views

urlpatterns = [
    path("open", views.Open.as_view()),
    path("messages", views.Messages.as_view()),
    path("send", views.Say.as_view()),
    path("upload", uploads.Upload.as_view()),
    path("attachments/<str:id>", uploads.ChatAttachment.as_view()),
    path("offline", views.Leave.as_view()),
    path("read", views.Read.as_view()),
    path("delivered", views.Delivered.as_view()),
    path("typing", views.Typing.as_view()),
    path("rate", views.Rate.as_view()),
    path("close", views.Close.as_view()),
    path("human", human.Human.as_view()),
    path("page", views.SeePage.as_view()),
    path("stream", views.Live.as_view()),
]
