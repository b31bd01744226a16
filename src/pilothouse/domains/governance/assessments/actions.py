"""Writing: a bias report that somebody wants kept."""

from __future__ import annotations

import hashlib

from pilothouse.domains.governance.assessments.bias import figure_of
from pilothouse.domains.governance.assessments.fairness.report import LEAST_SHOWN, Report
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.evidence.actions import evidence_add
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.models import System


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
