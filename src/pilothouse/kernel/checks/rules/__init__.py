"""Pure judgement: tiers from answers, findings under a rulebook, gate reports, what a change of rulebook loosens."""

from pilothouse.kernel.checks.rules.findings import (
    Ask,
    GateReport,
    GateRequirement,
    Judged,
    Standing,
    WaiverFact,
    apply,
    asks_of,
    due_asks,
    due_gates,
    gate_report,
)
from pilothouse.kernel.checks.rules.gaps import GAP_STATUSES, due_at, weight
from pilothouse.kernel.checks.rules.loosening import Difference, compare, loosens
from pilothouse.kernel.checks.rules.tiers import answers_of, tier_of

__all__ = [
    "GAP_STATUSES",
    "Ask",
    "Difference",
    "GateReport",
    "GateRequirement",
    "Judged",
    "Standing",
    "WaiverFact",
    "answers_of",
    "apply",
    "asks_of",
    "compare",
    "due_asks",
    "due_at",
    "due_gates",
    "gate_report",
    "loosens",
    "tier_of",
    "weight",
]
