"""Where documents are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.records.pages import documents, editing, kinds, sheet

app_name = "records"
urlpatterns = [
    path("systems/<int:number>/sheet/", sheet.sheet, name="sheet"),
    path("systems/<int:number>/records/<str:kind>/", editing.document, name="document"),
    path("systems/<int:number>/records/<str:kind>/edit/", editing.document_edit, name="edit"),
    path("systems/<int:number>/records/<str:kind>/new/", editing.entry_new, name="new"),
    path("records/", kinds.overview, name="list"),
    path("records/kinds/<str:kind>/", kinds.kind_list, name="kind"),
    path("records/kinds/<str:kind>/edit/", editing.document_edit, name="edit_organisation"),
    path("records/kinds/<str:kind>/new/", editing.entry_new, name="new_organisation"),
    path("records/kinds/<str:kind>/export.<export_kind:ending>", kinds.kind_export, name="export"),
    path("records/kinds/<str:kind>/import/", kinds.kind_import, name="import"),
    path("records/<uuid:record_id>/", documents.detail, name="detail"),
    path("records/<uuid:record_id>/edit/", editing.entry_edit, name="edit_entry"),
    path("records/<uuid:record_id>/confirm/", documents.confirm, name="confirm"),
    path("records/<uuid:record_id>/withdraw/", documents.withdraw, name="withdraw"),
    path("records/<uuid:record_id>/compare/<uuid:other_id>/", documents.comparison, name="compare"),
]
