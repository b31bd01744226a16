from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "pilothouse.kernel.work"
    label = "work"
    verbose_name = "Work"

    def ready(self) -> None:
        from pilothouse.kernel.work.retention import prune
        from pilothouse.kernel.work.schedule import scheduled

        scheduled("work_prune", "17 3 * * *", "Forget runs older than a month")(prune)
