"""Addresses of imports."""

from django.urls import path

from pilothouse.web.imports.pages import files, mapping, one, sources

app_name = "imports"

urlpatterns = [
    path("imports/", files.import_list, name="list"),
    path("imports/new/", files.import_new, name="new"),
    path("imports/sources/", sources.source_list, name="sources"),
    path("imports/sources/new/<slug:kind>/", sources.source_new, name="source_new"),
    path("imports/sources/<uuid:source_id>/", sources.source_edit, name="source"),
    path("imports/sources/<uuid:source_id>/ask/", sources.source_ask, name="source_ask"),
    path("imports/stages/", mapping.stage_words, name="stages"),
    path("imports/<uuid:batch_id>/", one.import_detail, name="detail"),
    path("imports/<uuid:batch_id>/mapping/", mapping.mapping_edit, name="mapping"),
    path("imports/<uuid:batch_id>/rows/<int:line>/", one.import_row, name="row"),
    path("imports/<uuid:batch_id>/apply/", one.apply, name="apply"),
    path("imports/<uuid:batch_id>/discard/", one.discard, name="discard"),
    path("imports/<uuid:batch_id>/refused.csv", one.refused_csv, name="refused"),
    path("imports/<uuid:batch_id>/file/", one.original, name="file"),
]
