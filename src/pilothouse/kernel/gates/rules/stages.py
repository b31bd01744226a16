"""Where a stage may lead, and through which door."""

from __future__ import annotations

from pilothouse.kernel.gates.rules.running import RUNNING

NEXT: dict[str, str] = {"idea": "development", "development": "pilot", "pilot": "production"}
ORDER = ("idea", "development", "pilot", "production")


def next_gate(stage: str, *, inherited: bool) -> str | None:
    """The stage whose gate comes next: for an inherited system its own, whose gate it has never passed."""
    if inherited and stage in RUNNING:
        return stage
    return NEXT.get(stage)


def why_not_through_gate(stage: str, to_stage: str, *, inherited: bool) -> str:
    """Why `to_stage` cannot be asked for from `stage`, or the empty string."""
    if to_stage == "retired":
        return "" if stage in ORDER or stage == "unknown" else f"It is {stage} already."
    if stage == "unknown":
        return "Nobody has said in what stage it is. Record that first."
    expected = next_gate(stage, inherited=inherited)
    if to_stage == expected or (inherited and NEXT.get(stage) == to_stage):
        return ""
    if expected is None:
        return f"No gate leads on from {stage}."
    return f"From {stage} the next gate is the one into {expected}; no gate is leapt over."


def may_step_back(stage: str, to_stage: str) -> bool:
    """May it go back without a gate? To an earlier stage, or to rejected while it has not run in production."""
    if to_stage == "rejected":
        return stage in ("idea", "development", "pilot")
    return stage in ORDER and to_stage in ORDER and ORDER.index(to_stage) < ORDER.index(stage)
