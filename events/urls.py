"""Addresses of the changes feed."""

from django.urls import path

from events.views import EventList, EventStream

urlpatterns = [path("list", EventList.as_view()), path("stream", EventStream.as_view())]
