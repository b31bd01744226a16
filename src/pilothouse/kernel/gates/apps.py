from django.apps import AppConfig


class GatesConfig(AppConfig):
    name = "pilothouse.kernel.gates"
    label = "gates"
    verbose_name = "Gates"

    def ready(self) -> None:
        from pilothouse.kernel.gates import wiring  # the models must be loaded first

        wiring.connect()
