"""Governance's checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pilothouse.domains.governance import facts
from pilothouse.domains.governance.assessments.checks import CHECKS as ASSESSMENTS
from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import absent, day, needs, overdue, sealed, spoken, today
from pilothouse.kernel.records.selectors import Sealed

CLASSES = {
    "prohibited": "prohibited",
    "high": "high risk",
    "exempt": "exempt by derogation",
    "limited": "limited risk",
    "minimal": "minimal risk",
    "out_of_scope": "out of scope",
}
FREE = ("minimal", "out_of_scope")
GRAVE = frozenset({"rights", "safety", "both", "high"})


@needs("Nobody has put it into a risk class with reasons.")
def judge_classified(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while a class is sealed with its reasons, is not overdue, permits the system and does not contradict the
    inventory or the tier."""
    said = paper.body["risk_class"]
    if said == "prohibited":
        return sealed(Status.NOT_MET, "It is classified as prohibited, so it may not run.", paper)
    if late := overdue([paper], now):
        return sealed(Status.IN_PROGRESS, f"Its risk class was to be looked at again by {spoken(late[1])}.", paper)
    if said == "high" and system.tier in ("low", "medium"):
        reason = f"It is classified as high risk, and the intake answers put it in the {system.tier} tier."
        return sealed(Status.IN_PROGRESS, reason, paper)
    if said == "minimal" and system.impact in GRAVE:
        reason = "It is classified as minimal risk; the inventory says that it may affect rights or safety."
        return sealed(Status.IN_PROGRESS, reason, paper)
    if unknown := (paper.body.get("from_facts") or {}).get("open"):
        count = "one fact" if len(unknown) == 1 else f"{len(unknown)} facts"
        reason = f"It is classified as {CLASSES[said]}, provisionally: {count} that may change that are not known."
        return sealed(Status.IN_PROGRESS, reason, paper)
    return sealed(Status.MET, f"It is classified as {CLASSES[said]}, with reasons.", paper)


def judge_obligations(system: SystemFacts, loaded: tuple[Any, ...], now: datetime) -> Finding:
    """Met if each obligation has its owner and none is past its day; of minimal risk there need be none."""
    classified: Sealed | None = loaded[0]
    obligations: tuple[Sealed, ...] = loaded[1] or ()
    if obligations:
        return _kept(system, obligations, now)
    if classified is None:
        return absent(
            system, "It is not classified and no obligation is recorded, so nobody knows what it must fulfil."
        )
    named = CLASSES[classified.body["risk_class"]]
    if classified.body["risk_class"] in FREE:
        words = "of minimal risk" if named == "minimal risk" else named
        return sealed(Status.MET, f"It is {words}, and no obligation is recorded.", classified)
    return sealed(Status.NOT_MET, f"It is classified as {named}, and no obligation is recorded.", classified)


@needs("No obligation is recorded.")
def _kept(system: SystemFacts, obligations: tuple[Sealed, ...], now: datetime) -> Finding:
    open_ones = [one for one in obligations if one.body["state"] == "open"]
    if late := overdue(open_ones, now, "due"):
        return sealed(Status.NOT_MET, f"“{late[0].key}” was due on {spoken(late[1])}.", late[0])
    if late := overdue(obligations, now):
        reason = f"“{late[0].key}” was to be looked at again by {spoken(late[1])}."
        return sealed(Status.IN_PROGRESS, reason, late[0])
    count = "One obligation has its owner" if len(obligations) == 1 else f"{len(obligations)} obligations have owners"
    first = min((day(one.body["due"]) or today(now) for one in open_ones), default=None)
    left = f"; {len(open_ones)} open, the first due on {spoken(first)}" if first else ""
    return sealed(Status.MET, f"{count}{left}.", *obligations)


@needs("No policy says who answers when AI errs, which decisions need a human, and where one turns.")
def judge_responsibilities(system: SystemFacts, papers: tuple[Sealed, ...], now: datetime) -> Finding:
    """Met while the organisation's policy is sealed and not overdue for another look."""
    if late := overdue(papers, now):
        return sealed(Status.IN_PROGRESS, f"The AI policy was to be looked at again by {spoken(late[1])}.", late[0])
    body = papers[0].body
    count = len(body["human_decisions"])
    kept = "one decision" if count == 1 else f"{count} decisions"
    reason = f"The AI policy says who answers when AI errs, keeps {kept} for people and names whom one turns to."
    return sealed(Status.MET, reason, papers[0])


@needs("No control is recorded.")
def judge_controls(system: SystemFacts, controls: tuple[Sealed, ...], now: datetime) -> Finding:
    """Met if every control works by its last test, has evidence and is not overdue for the next test."""
    for status, result, words in ((Status.NOT_MET, "fails", "failed"), (Status.IN_PROGRESS, "partly", "partly held")):
        bad = [one for one in controls if one.body.get("result") == result]
        if bad:
            when = day(bad[0].body["tested_on"])
            tested = f" on {spoken(when)}" if when else ""
            return sealed(status, f"The control “{bad[0].key}” {words} when it was last tested{tested}.", bad[0])
    if late := overdue(controls, now, "next_test"):
        return sealed(Status.IN_PROGRESS, f"“{late[0].key}” was to be tested again by {spoken(late[1])}.", late[0])
    bare = [one for one in controls if not one.body.get("evidence")]
    if bare and system.tier != "low":
        return sealed(Status.IN_PROGRESS, f"Nothing shows that the control “{bare[0].key}” works.", bare[0])
    count = "Its one control has an owner" if len(controls) == 1 else f"Its {len(controls)} controls have owners"
    shown = "" if bare else ", and evidence shows that it works" if len(controls) == 1 else " and evidence"
    return sealed(Status.MET, f"{count}{shown}; none is overdue for a test.", *controls)


@needs("Nobody has attested that the inventory is right about it.")
def judge_attested(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while somebody stands up for the inventory's entry."""
    if late := overdue([paper], now, "valid_until"):
        return sealed(Status.IN_PROGRESS, f"Its entry was to be attested again by {spoken(late[1])}.", paper)
    if paper.body["right"] == "no":
        reason = "Whoever attested its entry says that it is not right: mend the entry, then attest again."
        return sealed(Status.NOT_MET, reason, paper)
    until = day(paper.body["valid_until"])
    holds = f" until {spoken(until)}" if until else ""
    return sealed(Status.MET, f"Its entry in the inventory is attested{holds}.", paper)


CHECKS = (
    Check(
        id="governance.risk_classified",
        version=1,
        title="Risk classified",
        domain="governance",
        question="In which risk class is it, under which rules, for which reasons, and who says so?",
        load=facts.classification,
        judge=judge_classified,
        remedy=f"records/{facts.CLASSIFICATION}/edit/",
        remedy_label="Classify the risk",
        protects="legal",
        effort=1.0,
    ),
    Check(
        id="governance.obligations_assigned",
        version=1,
        title="Obligations assigned",
        domain="governance",
        question="Does everything that law, contract or policy asks of it have an owner, and is nothing past its day?",
        load=(facts.classification, facts.obligations),
        judge=judge_obligations,
        remedy=f"records/{facts.OBLIGATION}/new/",
        remedy_label="Record an obligation with its owner",
        protects="legal",
        effort=1.0,
    ),
    Check(
        id="governance.responsibilities_named",
        version=1,
        title="Responsibilities named",
        domain="governance",
        question="Is it decided who answers when AI errs, which decisions need a human, and where one turns?",
        load=facts.policy,
        judge=judge_responsibilities,
        remedy=f"/records/kinds/{facts.POLICY}/edit/",
        remedy_label="Write the AI policy",
        protects="caio",
        effort=2.0,
    ),
    Check(
        id="governance.controls_evidenced",
        version=1,
        title="Controls evidenced",
        domain="governance",
        question="Does every control have an owner, evidence that it works and a recent test?",
        load=facts.controls,
        judge=judge_controls,
        remedy=f"records/{facts.CONTROL}/new/",
        remedy_label="Record a control with its evidence",
        protects="risk",
        effort=1.5,
    ),
    Check(
        id="governance.inventory_attested",
        version=1,
        title="Inventory entry attested",
        domain="governance",
        question="Does somebody stand up for what the inventory says of it?",
        load=facts.attestation,
        judge=judge_attested,
        remedy=f"records/{facts.ATTESTATION}/edit/",
        remedy_label="Attest the entry",
        protects="caio",
        effort=0.25,
    ),
    *ASSESSMENTS,
)
