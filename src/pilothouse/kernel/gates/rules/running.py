"""What may run. One function says so for pages, the API, the CLI and the policy snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

RUNNING = ("pilot", "production")
TRUE_WORDS = frozenset({"1", "true", "yes", "y", "prohibited"})


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What must be known of a system to say whether it may run. Times are aware; reasons are people's own words."""

    stage: str
    passed_at: datetime | None = None
    inherited_at: datetime | None = None
    prohibited: str = ""
    suspended: str = ""
    restricted: str = ""
    break_glass_until: datetime | None = None
    break_glass_ratified: bool = False
    break_glass_ratify_by: datetime | None = None
    gaps_open: int = 0
    gaps_overdue: int = 0
    next_gap_due: datetime | None = None
    waived: Mapping[str, datetime] = field(default_factory=dict)
    manifest_approved: bool = False
    manifest_candidate: bool = False
    lone: bool = False


@dataclass(frozen=True, slots=True)
class RunPermission:
    """May it run, why (one sentence), until when this answer holds (None: until something happens), what to say beside
    it: inherited, overdue, restricted, waived, candidate, lone, break_glass, unratified."""

    allowed: bool
    because: str
    until: datetime | None = None
    marks: tuple[str, ...] = ()


def run_permission(facts: RunFacts, now: datetime) -> RunPermission:
    """What may run, hardest rule first: prohibited use has no exception, an emergency overrides the rest for its hours.

    An overdue gap or an ended waiver does not stop a system by itself; it opens a decision of a human who may.
    """
    if facts.prohibited:
        return RunPermission(False, f"Its use is prohibited: {facts.prohibited}", marks=("prohibited",))
    if _emergency(facts, now):
        unratified = () if facts.break_glass_ratified else ("unratified",)
        because = "It is permitted for a few hours by break-glass."
        return RunPermission(True, because, facts.break_glass_until, ("break_glass", *unratified, *_marks(facts, now)))
    if facts.suspended:
        return RunPermission(False, f"It is suspended: {facts.suspended}", marks=("suspended",))
    return _by_stage(facts, now)


def _emergency(facts: RunFacts, now: datetime) -> bool:
    if facts.break_glass_until is None or now >= facts.break_glass_until:
        return False
    in_time = facts.break_glass_ratify_by is not None and now < facts.break_glass_ratify_by
    return facts.break_glass_ratified or in_time


def _by_stage(facts: RunFacts, now: datetime) -> RunPermission:
    if facts.stage == "unknown":
        return RunPermission(False, "Nobody has said in what stage it is.", marks=("unknown",))
    if facts.stage in ("retired", "rejected"):
        return RunPermission(False, f"It is {facts.stage}.")
    if facts.stage not in RUNNING:
        return RunPermission(False, "It has not passed the gate into its pilot yet.")
    marks = _marks(facts, now)
    if facts.passed_at is not None:
        return RunPermission(True, f"It passed the gate into {facts.stage} on {_day(facts.passed_at)}.", None, marks)
    if facts.inherited_at is not None:
        return RunPermission(True, _inherited(facts), None, ("inherited", *marks))
    return RunPermission(False, f"The register says {facts.stage}, but no gate let it in.", marks=marks)


def _inherited(facts: RunFacts) -> str:
    found = f"It was found running on {_day(facts.inherited_at)} and runs on"
    if not facts.gaps_open:
        return f"{found}; no gap is open."
    gaps = "1 gap is" if facts.gaps_open == 1 else f"{facts.gaps_open} gaps are"
    due = f", the next due on {_day(facts.next_gap_due)}" if facts.next_gap_due else ""
    late = f", {facts.gaps_overdue} overdue" if facts.gaps_overdue else ""
    return f"{found} while {gaps} closed{due}{late}."


def _marks(facts: RunFacts, now: datetime) -> tuple[str, ...]:
    said = (
        ("overdue", facts.gaps_overdue > 0),
        ("restricted", bool(facts.restricted)),
        ("waived", any(until > now for until in facts.waived.values())),
        ("candidate", facts.manifest_candidate),
        ("lone", facts.lone),
    )
    return tuple(mark for mark, holds in said if holds)


def _day(moment: datetime | None) -> str:
    return f"{moment:%-d %B %Y}" if moment else "an unknown day"


def flagged_prohibited(custom: Mapping[str, Any], intake: Mapping[str, str]) -> bool:
    """Does the register itself say that this use is prohibited: the intake, or the organisation's own field?"""
    value = custom.get("prohibited")
    return intake.get("prohibited") == "yes" or value is True or str(value or "").strip().lower() in TRUE_WORDS
