from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "pilothouse.kernel.reviews"
    label = "reviews"
    verbose_name = "Reviews"

    def ready(self) -> None:
        from pilothouse.kernel.reviews import wiring  # the models must be loaded first

        wiring.connect()
