from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "pilothouse.kernel.checks"
    label = "checks"
    verbose_name = "Checks"

    def ready(self) -> None:
        from pilothouse.kernel.checks import wiring  # the models must be loaded first

        wiring.connect()
