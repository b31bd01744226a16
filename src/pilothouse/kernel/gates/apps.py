from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "pilothouse.kernel.gates"
    label = "gates"
    verbose_name = "Gates"
