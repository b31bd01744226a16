"""Writing: a bias report that somebody wants kept, and the first draft of an assessment."""

from __future__ import annotations

import hashlib

from pilothouse.contracts.errors import Invalid
from pilothouse.domains.governance.assessments.bias import figure_of
from pilothouse.domains.governance.assessments.checks import KINDS
from pilothouse.domains.governance.assessments.fairness.report import LEAST_SHOWN, Report
from pilothouse.domains.governance.assessments.needs import DPIA, TITLES
from pilothouse.domains.governance.assessments.prefill import SOURCES, prefill
from pilothouse.domains.governance.assessments.selectors import known_of
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.facts import system_facts
from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import record_draft
from pilothouse.kernel.records.kinds import confidential, may_read
from pilothouse.kernel.records.models import Record


@action("evidence.add", on="system")
def bias_keep(*, actor: Actor, system: System, report: Report, data: bytes, least: int = LEAST_SHOWN) -> Evidence:
    """Keep a report as evidence of the kind *figure*: what it found, and the hash of the file it was measured from. The
    rows themselves are not kept; groups below `least` people are withheld."""
    today = clock.now().date()
    digest = hashlib.sha256(data).hexdigest()
    return evidence_add(
        actor=actor,
        system=system,
        title=f"Bias by {report.attribute}, measured {today:%-d %B %Y}",
        figure=figure_of(report, measured_on=today, source_sha256=digest, least=least),
        effective_on=today,
    )


@action("record.write", on="system")
def assessment_start(*, actor: Actor, system: System, kind: str) -> Record:
    """The draft of an assessment: the one there is, or a new one that says what the house knows already. A system that
    has a sealed one begins its next version from that. Raises Invalid for a kind that is no assessment."""
    if kind not in KINDS:
        raise Invalid("This is no assessment.", fields={"kind": f"One of {', '.join(TITLES)}."})
    held = {
        row.state: row
        for row in Record.objects.of(actor).filter(system=system, kind=kind, state__in=("draft", "sealed"))
    }
    if "draft" in held:
        return held["draft"]
    if "sealed" in held:
        return record_draft(actor=actor, system=system, kind=kind, body=held["sealed"].body)
    facts = system_facts(system.organisation_id, [system.pk])[0]
    papers = {name: body for name, body in known_of(system, (*SOURCES, DPIA)).items() if _may_read(actor, name, system)}
    owner = system.owner.email if system.owner else ""
    return record_draft(actor=actor, system=system, kind=kind, body=prefill(kind, facts, papers, owner))


def _may_read(actor: Actor, kind: str, system: System) -> bool:
    """What is confidential does not slip into a draft that others read."""
    spec = registry.records.get(kind)
    return spec is not None and not confidential(spec) and may_read(actor, spec, system if spec.of_system else None)
