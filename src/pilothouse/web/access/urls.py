"""Where the pages about people and settings are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.access import scim
from pilothouse.web.access.pages import bring, people, roles, settings, units

app_name = "access"
urlpatterns = [
    path("people/", people.people_list, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/import/", bring.people_bring, name="people_bring"),
    path("people/roles/", roles.role_list, name="roles"),
    path("people/roles/new/", roles.role_new, name="role_new"),
    path("people/roles/<slug:key>/", roles.role_detail, name="role"),
    path("people/units/", units.unit_list, name="units"),
    path("people/units/new/", units.unit_new, name="unit_new"),
    path("people/units/<uuid:unit_id>/", units.unit_change, name="unit"),
    path("people/<uuid:person_id>/", people.person_detail, name="person"),
    path("people/<uuid:person_id>/edit/", people.person_edit, name="person_edit"),
    path("people/<uuid:person_id>/invite/", people.person_invite, name="person_invite"),
    path("people/<uuid:person_id>/leave/", people.person_leave, name="person_leave"),
    path("people/<uuid:person_id>/return/", people.person_return, name="person_return"),
    path("people/<uuid:person_id>/roles/", people.role_give, name="role_give"),
    path("people/<uuid:person_id>/roles/<uuid:membership_id>/", people.role_take, name="role_take"),
    path("people/<uuid:person_id>/deputies/", people.deputy_add, name="deputy_add"),
    path("people/<uuid:person_id>/deputies/<uuid:deputy_id>/", people.deputy_end, name="deputy_end"),
    path("settings/", settings.organisation, name="settings"),
    path("settings/tokens/", settings.token_list, name="tokens"),
    path("settings/tokens/<uuid:token_id>/revoke/", settings.token_revoke, name="token_revoke"),
    path("settings/tokens/<uuid:token_id>/rotate/", settings.token_rotate, name="token_rotate"),
    path("settings/sign-in/", settings.sign_in, name="sign_in"),
    path("me/", settings.me, name="me"),
]
site_urlpatterns = scim.urlpatterns
