"""The check of this room: is every assessment that the system's class asks for there, and does it still hold?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pilothouse.domains.governance.assessments.needs import BIAS_POLICY, DPIA, FRIA, US_IMPACT, Need, needs_of
from pilothouse.kernel.decisions.signed import SignedOff, signed_off
from pilothouse.kernel.domain import Check, Finding, Grade, Status, SystemFacts
from pilothouse.kernel.records.judging import absent, day, overdue, sealed, spoken, today
from pilothouse.kernel.records.selectors import Sealed, latest_sealed

CLASSIFICATION = "governance.risk_classification"
KINDS = (FRIA, DPIA, US_IMPACT, BIAS_POLICY)
SIGNED = (FRIA, US_IMPACT)
"""Of these a signature is asked: somebody answers for what is accepted."""
LOADERS = (latest_sealed(CLASSIFICATION), *map(latest_sealed, KINDS), *map(signed_off, SIGNED))


def judge_assessed(system: SystemFacts, loaded: tuple[Any, ...], now: datetime) -> Finding:
    """Met if each assessment that the class asks for is sealed, signed where it must be, and not overdue."""
    classified: Sealed | None = loaded[0]
    if classified is None:
        return absent(system, "It is not classified, so nobody knows which assessments it needs.")
    papers: dict[str, Sealed | None] = dict(zip(KINDS, loaded[1 : 1 + len(KINDS)], strict=True))
    signed: dict[str, SignedOff | None] = dict(zip(SIGNED, loaded[1 + len(KINDS) :], strict=True))
    needs = needs_of(system, classified.body)
    if not needs:
        reason = "Its class asks for no impact assessment and no bias policy."
        return sealed(Status.NOT_APPLICABLE, reason, classified)
    for need in needs:
        if papers[need.kind] is None:
            return sealed(Status.NOT_MET, f"{need.title} is missing. {need.because} {need.cite}.", classified)
    for need in needs:
        paper = papers[need.kind]
        if paper and (reason := _open(need, paper, signed.get(need.kind), system, now)):
            return sealed(Status.IN_PROGRESS, reason, paper)
    read = [paper for need in needs if (paper := papers[need.kind])]
    refs = tuple(one.ref for one in read) + tuple(one.ref for one in signed.values() if one)
    named = ", ".join(need.title for need in needs)
    return Finding(Status.MET, f"Sealed and current: {named}.", Grade.SEALED, refs)


def _open(need: Need, paper: Sealed, signed: SignedOff | None, system: SystemFacts, now: datetime) -> str:
    """Why an assessment that is there does not do, or the empty string."""
    if paper.short and system.tier != "low":
        return f"{need.title} was sealed in the short form; the system's tier asks for it in full."
    if paper.look_again:
        return f"{need.title} is to be looked at again: {paper.look_again}"
    if late := overdue([paper], now):
        return f"{need.title} was to be looked at again by {spoken(late[1])}."
    due = day(paper.body.get("notify_by"))
    if need.kind == FRIA and paper.body.get("notified") == "not_yet" and due and due < today(now):
        return f"The authority was to be told of the assessment by {spoken(due)}. Article 27(3)."
    if need.kind in SIGNED and (signed is None or signed.record_id != paper.id):
        return f"{need.title}, version {paper.version}, is sealed and not signed off."
    return ""


CHECKS = (
    Check(
        id="governance.impact_assessed",
        version=1,
        title="Impact assessed",
        domain="governance",
        question="Is every impact assessment that its class asks for sealed, signed and current?",
        load=LOADERS,
        judge=judge_assessed,
        remedy="assessments/",
        remedy_label="See which assessments it needs",
        protects="legal",
        effort=3.0,
        writes=FRIA,
    ),
)
