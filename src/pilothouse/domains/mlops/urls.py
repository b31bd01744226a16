"""Where monitoring is, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.mlops import pages

app_name = "mlops"
urlpatterns = [path("mlops/incidents/", pages.incident_list, name="incidents")]
