"""Where the gateway's pages are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.policy.pages import budgets, documents, issuers, keys, overview, routing, stops, systems, what_if

app_name = "policy"
urlpatterns = [
    path("gateway/", overview.overview, name="overview"),
    path("gateway/revisions/<int:revision>.json", overview.revision, name="revision"),
    path("gateway/keys/", keys.key_list, name="keys"),
    path("gateway/keys/<uuid:key_id>/", keys.key_detail, name="key"),
    path("gateway/keys/<uuid:key_id>/rotate/", keys.key_rotate_page, name="key_rotate"),
    path("gateway/keys/<uuid:key_id>/revoke/", keys.key_revoke_page, name="key_revoke"),
    path("gateway/upstreams/", routing.upstream_list, name="upstreams"),
    path("gateway/upstreams/<uuid:upstream_id>/", routing.upstream_detail, name="upstream"),
    path("gateway/issuers/", issuers.issuer_list, name="issuers"),
    path("gateway/issuers/<uuid:issuer_id>/", issuers.issuer_detail, name="issuer"),
    path("gateway/issuers/<uuid:issuer_id>/renew/", issuers.issuer_renew_page, name="issuer_renew"),
    path("gateway/models/", routing.model_list, name="models"),
    path("gateway/models/<uuid:alias_id>/", routing.model_detail, name="model"),
    path("gateway/prices/", routing.price_new, name="price_new"),
    path("gateway/budgets/", budgets.budget_list, name="budgets"),
    path("gateway/budgets/<uuid:budget_id>/", budgets.budget_detail, name="budget"),
    path("gateway/budgets/<uuid:budget_id>/end/", budgets.budget_end_page, name="budget_end"),
    path("gateway/stops/", stops.stop_list, name="stops"),
    path("gateway/stops/<uuid:stop_id>/lift/", stops.stop_lift_page, name="stop_lift"),
    path("gateway/documents/", documents.document_list, name="documents"),
    path("gateway/documents/<uuid:document_id>/unmark/", documents.unmark, name="unmark"),
    path("gateway/what-if/", what_if.what_if, name="what_if"),
    path("systems/<int:number>/policy/", systems.system_policy, name="system"),
]
