from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "pilothouse.kernel.access"
    label = "access"
    verbose_name = "Access"
