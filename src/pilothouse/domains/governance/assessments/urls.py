"""Where assessments are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.governance.assessments.pages import bias, disclosures, impact

app_name = "assessments"
urlpatterns = [
    path("systems/<int:number>/bias/", bias.bias, name="bias"),
    path("systems/<int:number>/assessments/", impact.of_system, name="system"),
    path("disclosures/", disclosures.register, name="disclosures"),
    path("disclosures/export.csv", disclosures.export, name="disclosures_export"),
    path("assessments/", impact.every, name="list"),
]
