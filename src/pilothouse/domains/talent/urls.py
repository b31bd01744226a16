"""Where talent is, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.talent import pages

app_name = "talent"
urlpatterns = [path("talent/coverage/", pages.coverage, name="coverage")]
