from django.apps import AppConfig


class TrafficConfig(AppConfig):
    name = "pilothouse.kernel.traffic"
    label = "traffic"
    verbose_name = "Traffic"

    def ready(self) -> None:
        from pilothouse.kernel.traffic import wiring  # the models must be loaded first

        wiring.connect()
