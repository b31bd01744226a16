"""Where held answers are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.reviews import pages

app_name = "reviews"
urlpatterns = [
    path("reviews/", pages.queue, name="queue"),
    path("reviews/<uuid:review_id>/", pages.review, name="review"),
    path("traffic/calls/<str:call_id>/text/", pages.stored_text, name="stored_text"),
]
