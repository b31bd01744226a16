from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "pilothouse.domains.governance.duties"
    label = "governance_duties"
    verbose_name = "Notices and requests"

    def ready(self) -> None:
        from pilothouse.domains.governance.duties.tick import duties_tick
        from pilothouse.kernel.work.schedule import scheduled

        scheduled("duties_tick", "*/10 * * * *", "Remind of notices and requests of authorities before they are due")(
            duties_tick
        )
