"""Systems and components over REST. Every operation calls the selectors and actions that the pages call."""

from ninja import Router

from pilothouse.web.inventory.api.components import router as components
from pilothouse.web.inventory.api.systems import router as systems

PREFIX = ""
router = Router(tags=["systems"])
router.add_router("systems", systems)
router.add_router("components", components)
