"""Where rulebooks, checks and gaps are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.checks.pages import catalogue, editor, gaps, intake, rulebook

app_name = "checks"
urlpatterns = [
    path("rulebook/", rulebook.rulebook, name="rulebook"),
    path("rulebook/adopt/", rulebook.adopt, name="adopt"),
    path("rulebook/edit/", editor.edit, name="edit"),
    path("rulebook/versions/", rulebook.versions, name="versions"),
    path("rulebook/versions/<int:version>/", rulebook.version, name="version"),
    path("rulebook/versions/<int:version>/impact/", editor.impact, name="impact"),
    path("rulebook/versions/<int:version>/activate/", rulebook.activate, name="activate"),
    path("rulebook/versions/<int:version>/withdraw/", rulebook.withdraw, name="withdraw"),
    path("rulebook/drafts/<int:version>/review/", editor.review, name="review"),
    path("rulebook/drafts/<int:version>/propose/", editor.propose, name="propose"),
    path("rulebook/drafts/<int:version>/<slug:section>/", editor.draft, name="draft"),
    path("checks/", catalogue.catalogue, name="catalogue"),
    path("checks/<str:check_id>/", catalogue.check, name="check"),
    path("gaps/", gaps.gap_list, name="gaps"),
    path("gaps/export.<export_kind:kind>", gaps.export, name="gaps_export"),
    path("systems/<int:number>/intake/", intake.intake, name="intake"),
]
