"""Checks, findings, gaps and previews in JSON's shapes: the same for the API and the command line."""

from __future__ import annotations

from typing import Any

from pilothouse.kernel.checks import selectors
from pilothouse.kernel.checks.impact import Impact
from pilothouse.kernel.checks.selectors import FindingNow
from pilothouse.kernel.domain import registry


def check_out(check_id: str, tallies: dict[str, selectors.Tally]) -> dict[str, Any]:
    """A check as the API and the CLI tell it."""
    check = registry.checks[check_id]
    names = ("id", "version", "domain", "title", "question", "protects", "effort")
    return {name: getattr(check, name) for name in names} | {"tally": tally_out(tallies.get(check_id))}


def tally_out(tally: selectors.Tally | None) -> dict[str, Any]:
    """A tally with its figure."""
    told = tally or selectors.Tally()
    names = ("met", "in_progress", "not_met", "unknown", "waived", "total", "figure")
    return {name: getattr(told, name) for name in names}


def finding_out(line: FindingNow) -> dict[str, Any]:
    """A finding as the API and the CLI tell it."""
    said = line.standing.finding
    return {
        "check": line.ask.check,
        "title": line.title,
        "status": said.status.value,
        "judged": line.standing.judged.value,
        "grade": said.grade.value,
        "because": line.standing.because,
        "refs": [{"type": ref.type, "id": ref.id, "label": ref.label} for ref in said.refs],
        "since": line.since,
        "least_grade": line.ask.grade.value,
        "gate": line.ask.gate,
        "failed": line.standing.raised,
    }


def gap_out(gap: selectors.Gap) -> dict[str, Any]:
    """A gap as the API and the CLI tell it."""
    return {
        "system_number": gap.system.number,
        "system": gap.system.name,
        "tier": gap.system.tier,
        "stage": gap.system.stage,
        "check": gap.check.id,
        "title": gap.check.title,
        "status": gap.status.value,
        "because": gap.reason,
        "since": gap.since,
        "weight": gap.weight,
        "due": gap.due,
        "remedy": gap.check.remedy_label,
    }


def impact_out(found: Impact) -> dict[str, Any]:
    """An impact as the API and the CLI tell it."""

    def moved(rows: Any) -> list[dict[str, Any]]:
        return [
            {
                "number": row.system.number,
                "name": row.system.name,
                "before": str(row.before),
                "after": str(row.after),
            }
            for row in rows
        ]

    numbers = ("systems", "ready_before", "ready_after", "gaps_before", "gaps_after")
    return {
        "difference": {
            "kind": found.difference.kind,
            "loosens": list(found.difference.loosens),
            "tightens": list(found.difference.tightens),
        },
        **{name: getattr(found, name) for name in numbers},
        "tiers": moved(found.tiers),
        "no_longer_ready": moved(found.no_longer_ready),
        "newly_ready": [{"number": row.number, "name": row.name} for row in found.newly_ready],
        "deadlines": moved(found.deadlines),
        "checks": [{"check_id": c.check_id, "before": c.before, "after": c.after} for c in found.checks],
    }
