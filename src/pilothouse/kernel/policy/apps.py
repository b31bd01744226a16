from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "pilothouse.kernel.policy"
    label = "policy"
    verbose_name = "Policy"

    def ready(self) -> None:
        from pilothouse.kernel.policy import wiring  # the models must be loaded first

        wiring.connect()
