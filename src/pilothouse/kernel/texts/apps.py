from django.apps import AppConfig


class TextsConfig(AppConfig):
    name = "pilothouse.kernel.texts"
    label = "texts"
    verbose_name = "Texts"

    def ready(self) -> None:
        from pilothouse.kernel.texts import wiring  # the models must be loaded first

        wiring.connect()
