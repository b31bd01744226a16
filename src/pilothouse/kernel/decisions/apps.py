from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "pilothouse.kernel.decisions"
    label = "decisions"
    verbose_name = "Decisions"

    def ready(self) -> None:
        from pilothouse.kernel.decisions import wiring  # the models must be loaded first

        wiring.connect()
