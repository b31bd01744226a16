"""Where the pages of traffic are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.traffic.pages import keeping, reading

app_name = "traffic"
urlpatterns = [
    path("traffic/", reading.traffic_live, name="live"),
    path("traffic/usage/", reading.usage, name="usage"),
    path("traffic/usage/export.csv", reading.usage_export, name="usage_export"),
    path("traffic/calls/", reading.calls, name="calls"),
    path("traffic/calls/export.csv", reading.calls_export, name="calls_export"),
    path("traffic/calls/<str:call_id>/", reading.call, name="call"),
    path("traffic/refusals/", reading.refusals, name="refusals"),
    path("traffic/refusals/export.csv", reading.refusals_export, name="refusals_export"),
    path("traffic/findings/", reading.findings, name="findings"),
    path("traffic/findings/export.csv", reading.findings_export, name="findings_export"),
    path("traffic/budgets/", reading.budgets, name="budgets"),
    path("traffic/upstreams/", reading.upstreams, name="upstreams"),
    path("traffic/observe/", keeping.observe, name="observe"),
    path("traffic/keeping/", keeping.keeping, name="keeping"),
    path("traffic/keeping/days/", keeping.retention, name="retention"),
    path("traffic/keeping/forget/", keeping.forget, name="forget"),
]
