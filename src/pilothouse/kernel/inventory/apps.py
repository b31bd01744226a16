from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "pilothouse.kernel.inventory"
    label = "inventory"
    verbose_name = "Inventory"
