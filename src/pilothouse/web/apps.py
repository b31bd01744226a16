import pkgutil
from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "pilothouse.web"
    label = "web"
    verbose_name = "Web"

    def ready(self) -> None:
        import_module(f"{self.name}.converters")
        # Each room says in web/<room>/panels.py what it shows on a system's page (see web/panels.py).
        for module in pkgutil.iter_modules([self.path]):
            name = f"{self.name}.{module.name}.panels"
            if module.ispkg and find_spec(name):
                import_module(name)
