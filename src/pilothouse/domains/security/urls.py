"""Where security's own pages are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.security import pages

app_name = "security"
urlpatterns = [
    path("systems/<int:number>/security/review/", pages.review_next, name="review"),
    path("systems/<int:number>/security/risks/", pages.risks_next, name="risks"),
]
