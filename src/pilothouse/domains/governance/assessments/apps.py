from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "pilothouse.domains.governance.assessments"
    label = "assessments"
    verbose_name = "Assessments"
