"""What a rulebook makes of a judgement: least grades, waivers, what is asked when, and whether a gate opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from pilothouse.kernel.checks.rulebook import (
    GATES,
    GateKey,
    RulebookBody,
    TierKey,
    strict_tier,
)
from pilothouse.kernel.domain import Check, Finding, Grade, Status

# What a system in a stage is asked: the gates it has passed, and the next one. A system whose stage nobody knows may be
# running, so it is asked what production asks.
_DUE: dict[str, tuple[GateKey, ...]] = {
    "idea": GATES[:1],
    "development": GATES[:2],
    "pilot": GATES[:3],
    "production": GATES[:3],
    "unknown": GATES[:3],
    "retired": (),
    "rejected": (),
}


# The findings that open a gate.
OPENS = frozenset({Status.MET, Status.WAIVED, Status.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class Ask:
    """A gate asks for a check on at least this grade; `gate` is the first that does."""

    check: str
    grade: Grade
    gate: GateKey


@dataclass(frozen=True, slots=True)
class WaiverFact:
    """A waiver in force, as the gates' room tells it."""

    until: datetime
    reason: str
    decision_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check said, before any rulebook. `raised` marks a check that failed to judge: no gate opens on it, and the
    last finding stands (or unknown, if there was none)."""

    finding: Finding
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A check's finding under the rulebook: `finding.status` is what counts, `judged` what the check itself said, and
    `note` why the two differ."""

    finding: Finding
    judged: Status
    note: str = ""
    raised: bool = False

    @property
    def because(self) -> str:
        return f"{self.finding.reason} {self.note}".strip()


@lru_cache(maxsize=64)
def _asks(asks: tuple[tuple[GateKey, str, Grade], ...]) -> Mapping[str, Ask]:
    merged: dict[str, Ask] = {}
    for gate, check, grade in asks:
        known = merged.get(check)
        if known is None:
            merged[check] = Ask(check, grade, gate)
        elif grade.rank > known.grade.rank:
            merged[check] = Ask(check, grade, known.gate)
    return merged


def asks_of(body: RulebookBody, gates: Sequence[GateKey], tier: str) -> Mapping[str, Ask]:
    """Check id → what these gates together ask of a tier: the strictest grade, and the first gate that asks."""
    strict = strict_tier(tier)
    return _asks(
        tuple((gate, ask.check, ask.grade) for gate in gates for ask in body.gates.of(gate).asks if strict in ask.tiers)
    )


def due_gates(stage: str) -> tuple[GateKey, ...]:
    """The gates whose questions a system in this stage should be able to answer now."""
    return _DUE.get(stage, GATES[:3])


def due_asks(body: RulebookBody, stage: str, tier: str) -> Mapping[str, Ask]:
    """What is asked of a system now: by the gates it has passed and the next one."""
    return asks_of(body, due_gates(stage), tier)


def apply(judged: Judged, ask: Ask, waiver: WaiverFact | None, now: datetime) -> Standing:
    """The finding under the rulebook. Evidence below the asked grade makes `met` in progress; a waiver in force covers
    what is missing, and never makes it met."""
    said = judged.finding
    status, note = said.status, ""
    if status is Status.NOT_APPLICABLE:
        return Standing(said, status)
    if status is Status.MET and said.grade.rank < ask.grade.rank:
        status = Status.IN_PROGRESS
        note = f"The rulebook asks for evidence that is {ask.grade.value}; this is {said.grade.value}."
    if status is not Status.MET and waiver is not None and waiver.until > now:
        status = Status.WAIVED
        note = f"Waived until {waiver.until:%-d %B %Y}: {waiver.reason}"
    return Standing(_as(said, status), said.status, note, judged.raised)


def _as(finding: Finding, status: Status) -> Finding:
    return finding if finding.status is status else Finding(status, finding.reason, finding.grade, finding.refs)


def unjudged(check_id: str, check: Check | None) -> Standing:
    """The finding where none was made: no domain brings the check, or it has not been judged yet. Both block."""
    words = (
        "This has not been judged yet."
        if check
        else f"The rulebook asks for “{check_id}”, and nothing in this installation can judge it."
    )
    return Standing(Finding(Status.UNKNOWN, words), Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class GateRequirement:
    """One line of a gate report. `check` is None when no domain in this installation brings the check: that blocks."""

    check_id: str
    check: Check | None
    standing: Standing
    least: Grade
    blocking: bool
    waivable: bool
    protects: str

    @property
    def finding(self) -> Finding:
        return self.standing.finding

    @property
    def title(self) -> str:
        return self.check.title if self.check else self.check_id


@dataclass(frozen=True, slots=True)
class GateReport:
    """What stands between a system and a stage, and who must sign there. `blocked` while any requirement blocks."""

    system_id: UUID
    stage: str
    gate: GateKey
    tier: TierKey
    requirements: tuple[GateRequirement, ...]
    signers: tuple[tuple[str, ...], ...]

    @property
    def blocked(self) -> bool:
        return any(requirement.blocking for requirement in self.requirements)

    @property
    def blocking(self) -> tuple[GateRequirement, ...]:
        return tuple(requirement for requirement in self.requirements if requirement.blocking)


def gate_report(
    body: RulebookBody,
    gate: GateKey,
    *,
    system_id: UUID,
    stage: str,
    tier: str,
    judged: Mapping[str, Judged],
    waivers: Mapping[str, WaiverFact],
    checks: Mapping[str, Check],
    now: datetime,
) -> GateReport:
    """The gate's requirements of one system, in the rulebook's order. Entering `production` also asks what the gates
    before it asked, so a stage cannot be reached by leaping over one. Met, waived and not applicable open; all else
    blocks, and so does a check that nobody can judge."""
    passed = GATES[: GATES.index(gate) + 1] if gate != "retirement" else (gate,)
    asked = asks_of(body, passed, tier)
    requirements = []
    for check_id, ask in asked.items():
        check = checks.get(check_id)
        if check is None or check_id not in judged:
            standing = unjudged(check_id, check)
        else:
            standing = apply(judged[check_id], ask, waivers.get(check_id), now)
        requirements.append(
            GateRequirement(
                check_id=check_id,
                check=check,
                standing=standing,
                least=ask.grade,
                blocking=standing.raised or standing.finding.status not in OPENS,
                waivable=check is not None and check_id not in body.waivers.never,
                protects=check.protects if check else "caio",
            )
        )
    strict = strict_tier(tier)
    return GateReport(system_id, stage, gate, strict, tuple(requirements), body.gates.of(gate).signers.of(strict))
