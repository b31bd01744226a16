"""Where audit packs are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.governance.pack import pages

app_name = "governance_pack"
urlpatterns = [
    path("packs/", pages.pack_list, name="list"),
    path("packs/all/", pages.run_new, name="run_new"),
    path("packs/runs/<uuid:run_id>/", pages.run_detail, name="run"),
    path("packs/<uuid:pack_id>/", pages.pack_detail, name="pack"),
    path("packs/<uuid:pack_id>/file/", pages.pack_download, name="file"),
    path("systems/<int:number>/packs/", pages.of_system, name="system"),
]
