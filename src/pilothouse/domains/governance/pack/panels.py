"""The tab of packs on a system's page, and how fast and how complete the last one was, on governance's page."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.domains.governance.pack.pages import seen_before
from pilothouse.domains.governance.pack.selectors import last_sealed
from pilothouse.kernel.domain import Domain
from pilothouse.kernel.inventory.models import System
from pilothouse.web.panels import Panel, panels


def system_packs(request: Any, system: System) -> str:
    """What a pack would lack now, the button that seals one, and those there are."""
    return render_to_string("governance_pack/_system.html", seen_before(request, system), request=request)


def last_pack(request: Any, domain: Domain) -> str:
    """The fact behind the domain's question: how long the last pack took, and how complete it was."""
    pack = last_sealed(request.actor)
    return render_to_string("governance_pack/_last.html", {"pack": pack}, request=request)


panels.register(Panel("packs", "Audit packs", 55, "pack.fetch", system_packs))
panels.register(Panel("governance.packs", "Audit packs", 20, "pack.fetch", last_pack, place="domain"))
