"""The tab “Source” on a system's page: the row it came from, every column as it stood."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from pilothouse.kernel.imports.selectors import issues_of, sources_of
from pilothouse.kernel.inventory.models import System
from pilothouse.web.imports.wording import cells_of, missing_of
from pilothouse.web.panels import Panel, panels


def source(request: Any, system: System) -> str:
    """Where the system came from, or nothing when nobody imported it."""
    records = [
        {
            "record": record,
            "row": record.row,
            "batch": record.row.batch,
            "cells": cells_of(record.row.raw, record.row.batch),
            "missing": missing_of(record.row.missing),
        }
        for record in sources_of(request.actor, system)
    ]
    if not records:
        return ""
    return render_to_string("imports/_source.html", {"records": records, "system": system}, request=request)


def issues(request: Any, system: System) -> str:
    """The tracker's issues for the system's gaps, or nothing when there are none."""
    links = issues_of(request.actor, system)
    return render_to_string("imports/_issues.html", {"links": links}, request=request) if links else ""


panels.register(Panel("issues", "Issues", 70, "system.view", issues))
panels.register(Panel("source", "Source", 80, "system.view", source))
