from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "pilothouse.kernel.records"
    label = "records"
    verbose_name = "Records"
