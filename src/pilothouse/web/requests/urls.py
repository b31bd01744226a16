"""Where requests are: for who asks under /o/<slug>/, for who answers under /ask/, where the address is the key."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.requests.pages import answer, asking

app_name = "requests"
urlpatterns = [
    path("requests/", asking.request_list, name="list"),
    path("requests/new/", asking.request_new, name="new"),
    path("requests/<uuid:request_id>/", asking.request_detail, name="detail"),
    path("requests/<uuid:request_id>/remind/", asking.remind, name="remind"),
    path("requests/<uuid:request_id>/revoke/", asking.revoke, name="revoke"),
    path("requests/<uuid:request_id>/link/<uuid:link_id>/", asking.hand_over, name="hand_over"),
]
site_urlpatterns = [
    path("ask/<str:secret>/", answer.answer, name="ask"),
    path("ask/<str:secret>/draft/", answer.draft, name="ask_draft"),
]
