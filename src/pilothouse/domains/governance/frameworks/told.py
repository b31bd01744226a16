"""Controls and coverage in JSON's types: the same for audit packs, the API and the command line."""

from __future__ import annotations

from datetime import date
from typing import Any

from pilothouse.domains.governance.frameworks.coverage import Met, Overview, Row, system_coverage
from pilothouse.domains.governance.frameworks.documents import Control
from pilothouse.domains.governance.frameworks.rules import Counts, Standing
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System


def control_section(actor: Actor, system: System, today: date) -> dict[str, Any]:
    """Everything of one system's controls for an audit pack: each control with what shows it, each framework with its
    requirements. Dates in ISO 8601; lists in the order of the library; nothing in it depends on when it is asked."""
    found = system_coverage(actor, system, today)
    return {
        "as_of": today.isoformat(),
        "basis": found.library.basis,
        "controls": [
            control_out(control, standing)
            for control in found.library.controls.values()
            if (standing := found.standing(control.id)) is not None
        ],
        "frameworks": [
            {
                "id": one.framework.key,
                "title": one.framework.document.title,
                "edition": one.framework.document.edition,
                "version": one.framework.row.version,
                "hash": one.framework.row.hash,
                "now": counts_out(one.now),
                "ahead": counts_out(one.ahead),
                "requirements": [met_out(line) for line in one.lines],
            }
            for one in found.covered
        ],
    }


def control_out(control: Control, standing: Standing) -> dict[str, Any]:
    """One control with its state and everything that shows it."""
    return {
        "id": control.id,
        "title": control.title,
        "of": control.of,
        "state": standing.state.value,
        "because": standing.reason,
        "until": standing.until.isoformat() if standing.until else None,
        "shown_by": [
            {
                "source": item.source,
                "id": item.id,
                "title": item.title,
                "since": item.since.isoformat(),
                "until": item.until.isoformat() if item.until else None,
                "against": item.against,
                "hash": item.hash,
            }
            for item in sorted(standing.items, key=lambda item: (item.source, item.since, item.id))
        ],
    }


def met_out(line: Met) -> dict[str, Any]:
    """One requirement of one system."""
    asked = line.requirement
    return {
        "id": asked.id,
        "label": asked.name,
        "title": asked.title,
        "citation": asked.cite,
        "applies_from": asked.from_.isoformat() if asked.from_ else None,
        "confidence": asked.confidence,
        "state": line.state.value,
        "applies": "later" if line.later else "now",
        "because": line.reason,
        "controls": {control: relation.value for control, relation in asked.by.items()},
    }


def counts_out(counts: Counts) -> dict[str, Any]:
    """Counts with their figure; null where nothing is asked."""
    return {
        "met": counts.met,
        "asked": counts.asked,
        "current": counts.current,
        "due": counts.due,
        "stale": counts.stale,
        "missing": counts.missing,
        "not_applicable": counts.not_applicable,
        "figure": None if counts.figure is None else round(counts.figure, 4),
    }


def overview_out(found: Overview) -> dict[str, Any]:
    """A framework over many systems."""
    framework = found.framework
    return {
        "id": framework.key,
        "title": framework.document.title,
        "edition": framework.document.edition,
        "version": framework.row.version,
        "systems": found.how_many,
        "now": counts_out(found.figure()),
        "ahead": counts_out(found.figure(ahead=True)),
    }


def row_out(row: Row) -> dict[str, Any]:
    """A requirement over many systems, or of the organisation."""
    asked = row.requirement
    return {
        "id": asked.id,
        "label": asked.name,
        "title": asked.title,
        "citation": asked.cite,
        "of": asked.of,
        "applies_from": asked.from_.isoformat() if asked.from_ else None,
        "applies": "later" if row.later else "now",
        "state": row.worst.value,
        "systems": counts_out(row.counts) if row.state is None else None,
        "controls": {control: relation.value for control, relation in asked.by.items()},
    }
