"""Where experience is, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.experience import pages

app_name = "experience"
urlpatterns = [
    path("my-ai/", pages.my_ai, name="my_ai"),
    path("my-ai/report/", pages.report, name="report"),
    path("my-ai/ask/", pages.ask, name="ask"),
    path("my-ai/rules/<uuid:record_id>/", pages.acknowledge, name="acknowledge"),
    path("experience/use/", pages.use, name="use"),
    path("experience/reports/", pages.waiting, name="reports"),
    path("experience/replies/<uuid:record_id>/", pages.reply, name="reply"),
    path("experience/rules/", pages.rules, name="rules"),
]
