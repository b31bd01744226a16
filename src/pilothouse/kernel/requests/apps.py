from django.apps import AppConfig


class RequestsConfig(AppConfig):
    name = "pilothouse.kernel.requests"
    label = "requests"
    verbose_name = "Fact requests"

    def ready(self) -> None:
        from pilothouse.kernel.requests.tick import requests_tick
        from pilothouse.kernel.work.schedule import scheduled

        scheduled("requests_tick", "*/5 * * * *", "Send, remind and end requests for facts")(requests_tick)
