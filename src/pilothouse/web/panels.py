"""What other rooms show on a system's page. A room registers panels in `web/<room>/panels.py`; the page collects them.

So the system's page needs no import of findings, gates, records or evidence, and they need none of the page:

    panels.register(Panel("findings", "Findings", 30, "system.view", render))

`render(request, system)` returns safe HTML, or the empty string when there is nothing to show. A panel of the `story`
stands at the top of the page and is drawn on every visit, so it must cost few queries; one of the `tabs` is drawn when
its tab is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.safestring import SafeString

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System

Render = Callable[[Any, System], SafeString | str]


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a system's page. `permission` is asked on the system; without it the panel is not there at all."""

    key: str
    title: str
    order: int
    permission: str
    render: Render
    place: Literal["story", "tab"] = "tab"


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
        return sorted(
            (p for p in self._panels.values() if p.place == place and actor.may(p.permission, system)),
            key=lambda panel: (panel.order, panel.key),
        )


panels = Panels()
