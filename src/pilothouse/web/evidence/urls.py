"""Where evidence is, under /o/<slug>/."""

from django.urls import path

from pilothouse.web.evidence import pages

app_name = "evidence"
urlpatterns = [
    path("evidence/", pages.evidence_page, name="list"),
    path("evidence/<uuid:evidence_id>/", pages.evidence_detail, name="detail"),
    path("evidence/<uuid:evidence_id>/file/", pages.evidence_file, name="file"),
    path("evidence/<uuid:evidence_id>/withdraw/", pages.evidence_withdrawal, name="withdraw"),
    path("systems/<int:number>/evidence/", pages.evidence_new, name="new"),
]
