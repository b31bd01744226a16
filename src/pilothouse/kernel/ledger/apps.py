from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "pilothouse.kernel.ledger"
    label = "ledger"
    verbose_name = "Ledger"
