"""Where frameworks and controls are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.governance.frameworks import pages

app_name = "frameworks"
_REQUIREMENT = "frameworks/<slug:key>/requirements/<str:requirement_id>/"
_OF_SYSTEM = "systems/<int:number>/controls/<str:control_id>/"
urlpatterns = [
    path("frameworks/", pages.framework_list, name="list"),
    path("frameworks/matrix/", pages.matrix, name="matrix"),
    path("frameworks/new/", pages.framework_new, name="new"),
    path("frameworks/adopt/", pages.adopt, name="adopt"),
    path("frameworks/<slug:key>/", pages.framework, name="framework"),
    path("frameworks/<slug:key>/gaps/", pages.gaps, name="gaps"),
    path("frameworks/<slug:key>/gaps/export/<slug:ending>/", pages.export, name="gaps_export"),
    path("frameworks/<slug:key>/download/<slug:kind>/", pages.download, name="download"),
    path("frameworks/<slug:key>/withdraw/", pages.withdraw, name="withdraw"),
    path(_REQUIREMENT, pages.requirement, name="requirement"),
    path(f"{_REQUIREMENT}map/", pages.map_requirement, name="map"),
    path("controls/", pages.control_list, name="controls"),
    path("controls/new/", pages.control_new, name="control_new"),
    path("controls/download/<slug:kind>/", pages.components, name="components"),
    path("controls/<str:control_id>/", pages.control, name="control"),
    path("controls/<str:control_id>/settle/", pages.settle, name="settle"),
    path(_OF_SYSTEM, pages.control_of_system, name="control_of_system"),
    path(f"{_OF_SYSTEM}attach/", pages.attach, name="attach"),
    path(f"{_OF_SYSTEM}detach/", pages.detach, name="detach"),
]
