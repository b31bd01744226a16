from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "pilothouse.site"
    label = "site"
    verbose_name = "Site"

    def ready(self) -> None:
        from pilothouse.site import checks, logs, registration  # noqa: F401  (importing the checks registers them)

        logs.configure()
        registration.register()
