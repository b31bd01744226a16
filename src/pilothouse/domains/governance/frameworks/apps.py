from django.apps import AppConfig


class FrameworksConfig(AppConfig):
    name = "pilothouse.domains.governance.frameworks"
    label = "governance_frameworks"
    verbose_name = "Frameworks"

    def ready(self) -> None:
        from pilothouse.domains.governance.frameworks import wiring  # the models must be loaded first

        wiring.connect()
