"""Where the pages of systems are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.inventory.pages import bulk, components, detail, duplicates, edit, fields
from pilothouse.web.inventory.pages import list as listing

app_name = "inventory"
urlpatterns = [
    path("systems/", listing.system_list, name="list"),
    path("systems/export.<export_kind:kind>", listing.export, name="export"),
    path("systems/filters/", listing.more_filters, name="more_filters"),
    path("systems/views/", listing.view_save, name="view_save"),
    path("systems/views/<uuid:view_id>/delete/", listing.view_delete, name="view_delete"),
    path("systems/new/", edit.system_new, name="new"),
    path("systems/bulk/", bulk.bulk, name="bulk"),
    path("systems/people/", edit.people, name="people"),
    path("systems/duplicates/", duplicates.duplicate_list, name="duplicates"),
    path("systems/duplicates/look/", duplicates.duplicate_look, name="duplicates_look"),
    path("systems/duplicates/<uuid:proposal_id>/", duplicates.duplicate_verdict, name="duplicate_decide"),
    path("systems/fields/", fields.field_list, name="fields"),
    path("systems/fields/<uuid:field_id>/", fields.field_change, name="field_change"),
    path("systems/<int:number>/", detail.system_detail, name="detail"),
    path("systems/<int:number>/edit/", edit.system_edit, name="edit"),
    path("systems/<int:number>/performance/", edit.performance, name="performance"),
    path("systems/<int:number>/practice/", edit.practice, name="practice"),
    path("systems/<int:number>/relations/", components.relation_new, name="relation_add"),
    path(
        "systems/<int:number>/relations/<uuid:relation_id>/remove/", components.relation_delete, name="relation_remove"
    ),
    path("components/", components.component_list, name="components"),
    path("components/new/", components.component_new, name="component_new"),
    path("components/<uuid:component_id>/", components.component_detail, name="component"),
]
