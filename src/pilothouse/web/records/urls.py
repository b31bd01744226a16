"""Where documents are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.records import pages

app_name = "records"
urlpatterns = [
    path("systems/<int:number>/records/<str:kind>/", pages.document, name="document"),
    path("systems/<int:number>/records/<str:kind>/edit/", pages.document_edit, name="edit"),
    path("records/", pages.overview, name="list"),
    path("records/kinds/<str:kind>/", pages.kind_list, name="kind"),
    path("records/kinds/<str:kind>/edit/", pages.document_edit, name="edit_organisation"),
    path("records/kinds/<str:kind>/export.csv", pages.kind_export, name="export"),
    path("records/kinds/<str:kind>/import/", pages.kind_import, name="import"),
    path("records/<uuid:record_id>/", pages.detail, name="detail"),
    path("records/<uuid:record_id>/withdraw/", pages.withdraw, name="withdraw"),
    path("records/<uuid:record_id>/compare/<uuid:other_id>/", pages.comparison, name="compare"),
]
