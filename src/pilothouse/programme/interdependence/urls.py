"""Where the graph is, under /o/<slug>/."""

from django.urls import path

from pilothouse.programme.interdependence import pages

app_name = "interdependence"

urlpatterns = [path("interdependence/", pages.graph, name="graph")]
