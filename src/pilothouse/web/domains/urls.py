"""Addresses of the domains, under /o/<slug>/."""

from django.urls import path

from pilothouse.web.domains import pages

app_name = "domains"

urlpatterns = [
    path("domains/", pages.overview, name="list"),
    path("domains/answers/", pages.answers, name="answers"),
    path("domains/<slug:domain>/", pages.domain_page, name="domain"),
]
