from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "pilothouse.domains.governance.assessments"
    label = "assessments"
    verbose_name = "Assessments"

    def ready(self) -> None:
        from pilothouse.domains.governance.assessments.disclosures import disclosures_tick
        from pilothouse.kernel.work.schedule import scheduled

        scheduled("disclosures_tick", "17 5 * * *", "Tell owners of public claims that no longer stand")(
            disclosures_tick
        )
