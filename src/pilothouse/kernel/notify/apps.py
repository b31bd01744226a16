from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "pilothouse.kernel.notify"
    label = "notify"
    verbose_name = "Notify"

    def ready(self) -> None:
        from pilothouse.kernel.notify.delivery import webhooks_tick  # the models must be loaded first
        from pilothouse.kernel.notify.notices import notices_tick
        from pilothouse.kernel.work.schedule import scheduled

        scheduled("notices_tick", "* * * * *", "Send notices by e-mail")(notices_tick)
        scheduled("webhooks_tick", "* * * * *", "Tell webhooks and chat rooms what happened")(webhooks_tick)
