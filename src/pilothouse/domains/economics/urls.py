"""Where economics is, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.economics import pages

app_name = "economics"
urlpatterns = [
    path("economics/returns/", pages.return_list, name="returns"),
    path("economics/returns/export.csv", pages.return_export, name="returns_export"),
]
