from django.apps import AppConfig


class InterdependenceConfig(AppConfig):
    name = "pilothouse.programme.interdependence"
    label = "interdependence"
    verbose_name = "Interdependence"
