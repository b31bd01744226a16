"""Where a system stands, in words, for its page, the API and the CLI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.checks.rules import GateReport
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.selectors import able
from pilothouse.kernel.gates.models import AgendaItem
from pilothouse.kernel.gates.rules.running import RunPermission
from pilothouse.kernel.inventory.models import System

MARKS = {
    "inherited": ("Inherited", "info"),
    "overdue": ("Gaps overdue", "bad"),
    "restricted": ("Restricted", "warn"),
    "suspended": ("Suspended", "bad"),
    "prohibited": ("Prohibited", "bad"),
    "waived": ("A check is waived", "warn"),
    "candidate": ("Changed, not signed off", "warn"),
    "lone": ("Decided alone", "warn"),
    "break_glass": ("Break-glass", "bad"),
    "unratified": ("Not ratified yet", "bad"),
    "unknown": ("Stage unknown", "unknown"),
}


def marks_of(permission: RunPermission) -> list[tuple[str, str]]:
    """What must be said beside the answer: (words, tone)."""
    return [MARKS.get(mark, (mark, "muted")) for mark in permission.marks]


@dataclass(frozen=True, slots=True)
class Next:
    """Who acts next, and what they do."""

    who: str
    what: str
    href: str = ""


def acts_next(system: System, open_ones: list[Decision], report: GateReport | None, slug: str) -> Next:
    """The next act: an open decision's signers, else whoever mends what blocks, else whoever asks for the gate."""
    owner = system.owner.name if system.owner else "Whoever becomes its owner"
    gates = f"/o/{slug}/systems/{system.number}/gates/"
    if open_ones:
        decision = open_ones[0]
        signed = set(decision.signatures.values_list("group", flat=True))
        roles = [seat.role for seat in decision.seats.all() if seat.group not in signed]
        names = [person.name for person in able(decision, roles)]
        return Next(
            " or ".join(names[:3]) or "Nobody yet", f"decides: {decision.title}", f"/o/{slug}/inbox/{decision.pk}/"
        )
    if report is None:
        what = "records its stage" if system.stage == "unknown" else "has nothing to do at a gate"
        return Next(owner, what, gates)
    if report.blocked:
        count = len(report.blocking)
        return Next(
            owner, f"has {count} requirement{'s' if count > 1 else ''} of the gate into {report.stage} to meet", gates
        )
    return Next(owner, f"may ask that it enter {report.stage}", gates)


def permission_data(system: System, permission: RunPermission) -> dict[str, Any]:
    """What may run, for programs."""
    return {
        "system": system.ref,
        "name": system.name,
        "stage": system.stage,
        "allowed": permission.allowed,
        "because": permission.because,
        "until": permission.until,
        "marks": list(permission.marks),
    }


def report_data(report: GateReport) -> dict[str, Any]:
    """A gate report, for programs."""
    return {
        "to_stage": report.stage,
        "tier": report.tier,
        "blocked": report.blocked,
        "signers": [list(group) for group in report.signers],
        "requirements": [
            {
                "check": row.check_id,
                "title": row.title,
                "status": row.finding.status.value,
                "because": row.standing.because,
                "grade": row.finding.grade.value,
                "least_grade": row.least.value,
                "blocking": row.blocking,
                "waivable": row.waivable,
                "protects": row.protects,
                "remedy": row.check.remedy if row.check else "",
            }
            for row in report.requirements
        ],
    }


def agenda_data(item: AgendaItem) -> dict[str, Any]:
    """An item of the governance review's agenda, for programs."""
    return {
        "system": item.system.ref,
        "title": item.title,
        "then": item.then,
        "source": item.source,
        "opened": item.opened_at,
        "reopened": [one["title"] for one in item.reopened],
        "closed": item.closed_at,
        "outcome": item.outcome,
    }


def day(moment: datetime | None) -> str:
    return f"{moment:%-d %B %Y}" if moment else ""


def may(actor: Actor, system: System) -> dict[str, bool]:
    """What the reader may do here."""
    return {
        "request": actor.may("gate.request", system),
        "restrict": actor.may("gate.restrict", system),
        "waive": actor.may("waiver.request", system),
        "glass": actor.may("breakglass.open", system),
    }
