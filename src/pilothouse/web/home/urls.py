"""Addresses of the first screen."""

from django.urls import path

from pilothouse.web.home import pages

app_name = "home"

urlpatterns = [path("", pages.home, name="home")]
site_urlpatterns = [path("", pages.organisations, name="organisations")]
