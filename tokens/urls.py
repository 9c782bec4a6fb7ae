"""Addresses: Access tokens, under /api/tokens/."""

from django.urls import path

from tokens import views

urlpatterns = [
    path("list", views.TokenList.as_view()),
    path("create", views.TokenCreate.as_view()),
    path("one-time", views.TokenOneTime.as_view()),
    path("<str:token_id>", views.TokenItem.as_view()),
    path("<str:token_id>/rotate", views.TokenRotate.as_view()),
    path("<str:token_id>/disable", views.TokenDisable.as_view()),
    path("<str:token_id>/enable", views.TokenEnable.as_view()),
    path("<str:token_id>/revoke", views.TokenRevoke.as_view()),
    path("<str:token_id>/check", views.TokenCheck.as_view()),
]
