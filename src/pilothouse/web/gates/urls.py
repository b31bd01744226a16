"""Where the gates are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.gates import agenda, pages

app_name = "gates"
urlpatterns = [
    path("systems/<int:number>/gates/", pages.system, name="system"),
    path("agenda/", agenda.agenda_page, name="agenda"),
    path("waivers/", pages.waiver_list, name="waivers"),
    path("break-glass/", pages.break_glass_list, name="break_glass"),
]
