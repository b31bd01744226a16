from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "pilothouse.kernel.imports"
    label = "imports"
    verbose_name = "Imports"

    def ready(self) -> None:
        from pilothouse.kernel.imports import wiring  # the models must be loaded first

        wiring.connect()
