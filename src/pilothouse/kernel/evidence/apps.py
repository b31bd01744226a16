from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "pilothouse.kernel.evidence"
    label = "evidence"
    verbose_name = "Evidence"
