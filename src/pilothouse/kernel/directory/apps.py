from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "pilothouse.kernel.directory"
    label = "directory"
    verbose_name = "Directory"

    def ready(self) -> None:
        from pilothouse.kernel.decisions.kinds import kinds  # the models must be loaded first
        from pilothouse.kernel.directory.housekeeping import credentials_tick
        from pilothouse.kernel.directory.power import MEMBERSHIP, ROLE
        from pilothouse.kernel.work.schedule import scheduled

        kinds.register(MEMBERSHIP)
        kinds.register(ROLE)
        scheduled("credentials_tick", "23 * * * *", "Forget old answers and expired sessions")(credentials_tick)
