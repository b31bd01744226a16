"""Where everything is. Pages of an organisation live under /o/<slug>/.

A room's `urls.py` is mounted there by itself (`app_name`, `urlpatterns`); what it has outside of organisations, such as
a link that carries its own secret, it lists in `site_urlpatterns`.
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from pilothouse.site import operations
from pilothouse.site.api import api
from pilothouse.site.rooms import room_modules

urlpatterns: list[URLPattern | URLResolver] = [
    *operations.urlpatterns,
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
]

for _, module in room_modules("urls"):
    if hasattr(module, "urlpatterns"):
        urlpatterns.append(path("o/<slug:slug>/", include(module)))
    urlpatterns.extend(getattr(module, "site_urlpatterns", ()))

handler400 = "pilothouse.web.errors.bad_request"
handler403 = "pilothouse.web.errors.forbidden"
handler404 = "pilothouse.web.errors.not_found"
handler500 = "pilothouse.web.errors.server_error"
