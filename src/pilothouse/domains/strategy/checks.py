"""Strategy's checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import needs, sealed, spoken, today
from pilothouse.kernel.records.loaders import Sealed, latest_sealed, organisation_register

GOAL, POSITIONING = "strategy.goal", "strategy.positioning"
KIND, VERDICT = "strategy.value_hypothesis", "strategy.pilot_verdict"
REDESIGN = "experience.workflow"
NO_HYPOTHESIS = "Nobody has sealed a value hypothesis: what it should bring, and when to stop."


@needs(NO_HYPOTHESIS)
def judge_value_hypothesis(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while a hypothesis is sealed and its decision date has not passed in silence."""
    decide = date.fromisoformat(paper.body["decision_date"])
    if decide < today(now) and system.stage in ("development", "pilot"):
        reason = f"Its hypothesis was to be decided on {spoken(decide)}; seal a new one or stop."
        return sealed(Status.IN_PROGRESS, reason, paper)
    metric, target, unit = paper.body["metric"], paper.body["target"], paper.body.get("unit")
    aim = f"{metric} to {target}{f' {unit}' if unit else ''}"
    return sealed(Status.MET, f"A value hypothesis is sealed: {aim}, decided on {spoken(decide)}.", paper)


@needs("No value hypothesis says which strategic goal it serves.", at=0)
def judge_goal_traced(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
    """Met when its hypothesis names a goal of the register that stands and whose date is still ahead."""
    paper, goals = loaded
    named = paper.body.get("goals") or []
    if not named:
        return sealed(Status.NOT_MET, "Its value hypothesis names no strategic goal.", paper)
    served = [goals[name] for name in named if name in goals]
    standing = [goal for goal in served if goal.body["standing"] == "stands"]
    ahead = [goal for goal in standing if date.fromisoformat(goal.body["by"]) >= today(now)]
    if ahead:
        by = spoken(date.fromisoformat(ahead[0].body["by"]))
        return sealed(Status.MET, f"It serves the goal {_named(ahead)}, to be reached by {by}.", paper, *ahead)
    if standing:
        by = spoken(date.fromisoformat(standing[0].body["by"]))
        reason = f"The goal {_named(standing)} was to be reached by {by}, and nobody has said whether it was."
        return sealed(Status.IN_PROGRESS, reason, paper, *standing)
    if served:
        became = served[0].body["standing"]
        return sealed(Status.NOT_MET, f"The goal {_named(served)} was {became}; none that stands is named.", paper)
    return sealed(Status.NOT_MET, f"The goal “{named[0]}” is not in the register any more.", paper)


@needs("No value hypothesis says of which kind its value is.", at=0)
def judge_reimagined(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
    """Met when the claim to reimagine the business rests on a sealed redesign of the work, or on a named new offer."""
    paper, redesign = loaded
    if paper.body.get("kind") != "reimagined":
        return Finding(Status.NOT_APPLICABLE, "Its value hypothesis does not claim to reimagine the business.")
    if redesign is not None:
        reason = f"It reimagines the business by a redesign of the work, sealed on {spoken(redesign.sealed_at.date())}."
        return sealed(Status.MET, reason, paper, redesign)
    if paper.body.get("offer"):
        return sealed(Status.MET, f"It reimagines the business by a new offer: {paper.body['offer']}.", paper)
    reason = "It claims to reimagine the business, but no workflow redesign is sealed and no new offer is named."
    return sealed(Status.NOT_MET, reason, paper)


@needs("No verdict of its pilot is sealed: what was measured, and what follows.", at=0)
def judge_pilot_verdict(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
    """Met when the pilot's measured result reached the hypothesis's target and it was decided to scale."""
    verdict, paper = loaded
    said, ended = verdict.body, spoken(date.fromisoformat(verdict.body["ended_on"]))
    if said["verdict"] == "stop":
        return sealed(Status.NOT_MET, f"The verdict on the pilot that ended on {ended} is to stop.", verdict)
    if said["verdict"] == "continue":
        reason = f"The verdict on the pilot that ended on {ended} is to go on measuring."
        return sealed(Status.IN_PROGRESS, reason, verdict)
    if paper is None:
        reason = "It was decided to scale, but no value hypothesis says what the result is measured against."
        return sealed(Status.IN_PROGRESS, reason, verdict)
    measured, target, size = said["measured"], paper.body["target"], paper.body.get("sample_size")
    if size and said["cases"] < size:
        reason = f"It was decided to scale on {said['cases']} cases; the hypothesis asks for {size}."
        return sealed(Status.IN_PROGRESS, reason, verdict, paper)
    if not reached(measured, target, paper.body.get("baseline")):
        reason = f"It was decided to scale though the pilot measured {measured}; the target is {target}."
        return sealed(Status.NOT_MET, reason, verdict, paper)
    reason = f"The pilot measured {measured} in {said['cases']} cases until {ended}; the target is {target}."
    return sealed(Status.MET, reason, verdict, paper)


def reached(measured: str, target: str, baseline: str | None) -> bool:
    """Did the measured figure reach the target? Which way is better follows from the baseline; without one (the short
    form) whoever decided knew it."""
    if baseline is None:
        return True
    aim = Decimal(target)
    return Decimal(measured) >= aim if aim > Decimal(baseline) else Decimal(measured) <= aim


def _named(goals: Iterable[Sealed]) -> str:
    return ", ".join(f"“{goal.key}”" for goal in goals)


CHECKS = (
    Check(
        id="strategy.value_hypothesis_sealed",
        version=2,
        title="Value hypothesis sealed",
        domain="strategy",
        question="Was it written down, before money was spent, what the system should bring and when to stop?",
        load=latest_sealed(KIND),
        judge=judge_value_hypothesis,
        remedy=f"records/{KIND}/edit/",
        remedy_label="Write the value hypothesis",
        protects="caio",
        effort=1.0,
    ),
    Check(
        id="strategy.goal_traced",
        version=1,
        title="Traced to a strategic goal",
        domain="strategy",
        question="Which strategic goal that stands does the system serve?",
        load=(latest_sealed(KIND), organisation_register(GOAL)),
        judge=judge_goal_traced,
        remedy=f"records/{KIND}/edit/",
        remedy_label="Name the goal in the value hypothesis",
        protects="caio",
        effort=0.25,
    ),
    Check(
        id="strategy.reimagined_justified",
        version=1,
        title="“Reimagined” is justified",
        domain="strategy",
        question="If it claims to reimagine the business: which redesigned work or new offer is that?",
        load=(latest_sealed(KIND), latest_sealed(REDESIGN)),
        judge=judge_reimagined,
        remedy=f"records/{KIND}/edit/",
        remedy_label="Name the new offer, or seal the workflow redesign",
        protects="caio",
        effort=1.0,
    ),
    Check(
        id="strategy.pilot_verdict_sealed",
        version=1,
        title="Pilot decided by its measured result",
        domain="strategy",
        question="Did the pilot's measured result decide whether it is scaled, continued or stopped?",
        load=(latest_sealed(VERDICT), latest_sealed(KIND)),
        judge=judge_pilot_verdict,
        remedy=f"records/{VERDICT}/edit/",
        remedy_label="Write the pilot's verdict",
        protects="caio",
        effort=1.0,
    ),
)
