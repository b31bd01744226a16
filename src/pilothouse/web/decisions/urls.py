"""Where decisions are: the inbox and the register under /o/<slug>/, the outside reviewer's page at /review/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.decisions import pages

app_name = "decisions"
urlpatterns = [
    path("inbox/", pages.inbox, name="inbox"),
    path("inbox/<uuid:decision_id>/", pages.detail, name="detail"),
    path("inbox/<uuid:decision_id>/withdraw/", pages.withdraw, name="withdraw"),
    path("inbox/<uuid:decision_id>/review-link/", pages.link_issue, name="link_issue"),
    path("records/<uuid:record_id>/sign-off/", pages.record_signoff, name="record_signoff"),
    path("human-decisions/", pages.register, name="register"),
    path("human-decisions/<uuid:entry_id>/remove/", pages.register_remove, name="register_remove"),
]
site_urlpatterns = [path("review/<str:secret>/", pages.review, name="decision_review")]
