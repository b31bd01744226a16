"""Where everything is. Pages of an organisation live under /o/<slug>/, each room's in its own module."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from pilothouse.site.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
]
