"""Where classifications are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.domains.governance.classifier.pages import asking, result, rules

app_name = "classifier"
urlpatterns = [
    path("systems/<int:number>/classification/", result.result, name="result"),
    path("systems/<int:number>/classification/questions/", asking.ask, name="questions"),
    path("systems/<int:number>/classification/seal/", result.seal, name="seal"),
    path("classifications/", rules.every, name="every"),
    path("classifications/rules/<str:rule_set_id>/", rules.edition, name="edition"),
]
