"""Addresses of people and teams, under /api/."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("user/profile", views.Profile.as_view()),
    path("user/password", views.Password.as_view()),
    path("users/list", views.UserList.as_view()),
    path("users/create", views.UserCreate.as_view()),
    path("users/<str:id>", views.OneUser.as_view()),
    path("teams/list", views.TeamList.as_view()),
    path("teams/create", views.TeamCreate.as_view()),
    path("teams/<str:id>", views.OneTeam.as_view()),
]
