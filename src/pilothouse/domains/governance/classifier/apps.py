from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    name = "pilothouse.domains.governance.classifier"
    label = "governance_classifier"
    verbose_name = "Classifier"

    def ready(self) -> None:
        from pilothouse.domains.governance.classifier import wiring  # the models must be loaded first

        wiring.connect()
