"""What other rooms show on a system's page, or a domain's: panels, registered in a room's `panels.py`.

So the system's page needs no import of findings, gates, records or evidence, and they need none of the page:

    panels.register(Panel("findings", "Findings", 30, "system.view", render))

`render(request, system)` returns safe HTML, or the empty string when there is nothing to show. A panel of the `story`
stands at the top of the page and is drawn on every visit, so it must cost few queries; one of the `tabs` is drawn when
its tab is open. A panel of a `domain` has a key that begins with the domain's id (`mlops.incidents`); its page draws it
below its own parts with `render(request, domain)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.safestring import SafeString

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.inventory.models import System

Render = Callable[[Any, Any], SafeString | str]
"""`render(request, system)`, or `render(request, domain)` for a panel of a domain."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a page. `permission` is asked on the system; without it the panel is not there at all."""

    key: str
    title: str
    order: int
    permission: str
    render: Render
    place: Literal["story", "tab", "domain"] = "tab"


class Panels:
    """The panels by key."""

    def __init__(self) -> None:
        self._panels: dict[str, Panel] = {}

    def register(self, panel: Panel) -> None:
        """Add a panel. Raises ValueError when the key is taken: two rooms cannot both be one tab."""
        if panel.key in self._panels:
            raise ValueError(f"panel {panel.key} is registered twice")
        self._panels[panel.key] = panel

    def shown_to(self, actor: Actor, system: System, place: Literal["story", "tab"]) -> list[Panel]:
        """The panels of `place` that this actor may see on this system, in order."""
        return _in_order(p for p in self._panels.values() if p.place == place and actor.may(p.permission, system))

    def of_domain(self, actor: Actor, domain: Domain) -> list[Panel]:
        """The panels of a domain's page that this actor may see, in order."""
        return _in_order(
            panel
            for panel in self._panels.values()
            if panel.place == "domain" and panel.key.startswith(f"{domain.id}.") and actor.may(panel.permission)
        )


def _in_order(found: Iterable[Panel]) -> list[Panel]:
    return sorted(found, key=lambda panel: (panel.order, panel.key))


panels = Panels()
