"""Where notices and outlets are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.notify import pages

app_name = "notify"
urlpatterns = [
    path("me/notices/", pages.notice_list, name="settings"),
    path("me/notices/bell/", pages.bell, name="bell"),
    path("me/notices/read/", pages.notice_read, name="read"),
    path("me/notices/<uuid:notice_id>/", pages.notice_open, name="open"),
    path("settings/webhooks/", pages.outlet_list, name="outlets"),
    path("settings/webhooks/<uuid:outlet_id>/", pages.outlet_detail, name="outlet"),
    path("settings/webhooks/<uuid:outlet_id>/switch/", pages.outlet_switch, name="outlet_switch"),
    path("settings/webhooks/<uuid:outlet_id>/rotate/", pages.outlet_rotate, name="outlet_rotate"),
    path("settings/webhooks/<uuid:outlet_id>/delete/", pages.outlet_delete, name="outlet_delete"),
    path("settings/webhooks/deliveries/<uuid:delivery_id>/", pages.delivery_repeat, name="delivery_repeat"),
]
