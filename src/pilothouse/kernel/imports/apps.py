from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "pilothouse.kernel.imports"
    label = "imports"
    verbose_name = "Imports"
