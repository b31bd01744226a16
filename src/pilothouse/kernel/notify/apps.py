from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "pilothouse.kernel.notify"
    label = "notify"
    verbose_name = "Notify"
