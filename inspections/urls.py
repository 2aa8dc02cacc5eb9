"""What is fetched without an account; mounted at the root by the roof."""

from django.urls import path

from .views import feed

urlpatterns = [
    path("calendar/<str:secret>.ics", feed.calendar_feed, name="calendar_feed"),
]
