"""Platform's checks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pilothouse.kernel.domain import Check, Finding, Status, SystemFacts
from pilothouse.kernel.records.judging import absent, day, needs, sealed, spoken, today
from pilothouse.kernel.records.loaders import Sealed, entries, latest_sealed, organisation_register

SOURCE, READINESS = "platform.data_source", "platform.data_readiness"
PIPELINE, BLOCKER = "platform.pipeline", "platform.blocker"

DIMENSIONS = {
    "access": "access",
    "quality": "quality",
    "freshness": "freshness",
    "lineage": "lineage and rights",
    "integration": "integration",
}
# What it takes to go on from a stage: a pilot is entered from development, production from a pilot.
NEEDED = {"idea": 1, "development": 2, "pilot": 3, "production": 3}
ENOUGH_TO_STAY = {"pilot": 2}
OLD = timedelta(days=90)
NOT_ASSESSED = "Nobody has assessed how ready its data is."


@needs(NOT_ASSESSED)
def judge_sealed(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while an assessment is sealed and not overdue for another look."""
    review = date.fromisoformat(paper.body["review_by"])
    if review < today(now):
        return sealed(Status.IN_PROGRESS, f"Its data was to be looked at again by {spoken(review)}.", paper)
    return sealed(Status.MET, f"Its data was assessed on {spoken(paper.sealed_at.date())}: {_levels(paper)}.", paper)


@needs(NOT_ASSESSED)
def judge_ready(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met when no dimension is below what the next step of its life needs."""
    needed = NEEDED.get(system.stage, 2)
    levels = _of_paper(paper)
    low = {name: level for name, level in levels.items() if level < needed}
    if not low:
        return sealed(Status.MET, f"No side of its data is below {needed}, which is what its next step needs.", paper)
    weak = ", ".join(f"{name} at {level}" for name, level in low.items())
    if min(low.values()) >= ENOUGH_TO_STAY.get(system.stage, needed):
        return sealed(Status.IN_PROGRESS, f"Its data is good enough for a pilot; production needs 3: {weak}.", paper)
    return sealed(Status.NOT_MET, f"Its data is not ready: {weak}, where {needed} is needed.", paper)


def judge_blockers(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
    """Met when every open blocker has an owner and none is older than 90 days. That there is none is only believed of
    data that was assessed."""
    blockers, paper = loaded
    standing = [one for one in blockers or () if not one.body.get("cleared_on")]
    if not blockers and paper is None:
        return absent(system, "Nobody has said what blocks it, nor assessed its data.")
    if not standing:
        read = tuple(blockers or ()) or (paper,)
        return sealed(Status.MET, "No blocker is open.", *read)
    if unowned := [one for one in standing if not one.body.get("owner")]:
        return sealed(Status.NOT_MET, f"Nobody owns the blocker {_first(unowned)}.", *unowned)
    if old := [one for one in standing if date.fromisoformat(one.body["since"]) < today(now) - OLD]:
        since = spoken(date.fromisoformat(old[0].body["since"]))
        return sealed(Status.IN_PROGRESS, f"The blocker {_first(old)} is open since {since}, over 90 days.", *old)
    count = f"{len(standing)} blockers are" if len(standing) > 1 else "One blocker is"
    return sealed(Status.MET, f"{count} open, owned and younger than 90 days: {_first(standing)}.", *standing)


@needs("Nobody has named the data sources that it uses.", at=0)
def judge_sources(system: SystemFacts, loaded: Any, now: datetime) -> Finding:
    """Met when the sources that its assessment names are in the register, each with a right of use that holds."""
    paper, register = loaded
    named = paper.body.get("sources") or []
    if not named:
        return sealed(Status.NOT_MET, "Its data-readiness assessment names no data source.", paper)
    known = {name: register[name] for name in named if name in register}
    if gone := [name for name in named if name not in known]:
        return sealed(Status.NOT_MET, f"The data source “{gone[0]}” is not in the register any more.", paper)
    for name, source in known.items():
        right, until = source.body["right"], day(source.body.get("right_until"))
        if right == "refused":
            return sealed(Status.NOT_MET, f"“{name}” may not be used for AI.", paper, source)
        if right == "unclear":
            return sealed(Status.IN_PROGRESS, f"Nobody has looked whether “{name}” may be used.", paper, source)
        if until and until < today(now):
            return sealed(Status.NOT_MET, f"The right to use “{name}” ended on {spoken(until)}.", paper, source)
    said = ", ".join(f"“{name}”" for name in known)
    return sealed(Status.MET, f"Its data sources are registered with a right of use: {said}.", paper, *known.values())


@needs("No data pipeline of it is registered.")
def judge_pipelines(system: SystemFacts, pipelines: tuple[Sealed, ...], now: datetime) -> Finding:
    """Met when every pipeline does in production what it did in development, within its tolerance, freshly measured."""
    running = system.stage == "production"
    for one in pipelines:
        live = one.body.get("production")
        if live is None and running:
            return sealed(Status.NOT_MET, f"Nobody has measured what “{one.key}” does in production.", one)
        if live is not None and (worse := loss(one.body)) > Decimal(one.body["tolerance"]):
            before, now_is = one.body["development"]["value"], live["value"]
            reason = f"“{one.key}” does worse in production ({now_is}) than in development ({before}): {worse:.1f} %."
            return sealed(Status.NOT_MET, reason, one)
    if stale := [one for one in pipelines if (one.body.get("production")) and _measured(one) < today(now) - OLD]:
        reason = f"“{stale[0].key}” was last measured in production on {spoken(_measured(stale[0]))}."
        return sealed(Status.IN_PROGRESS, reason, *stale)
    if waiting := [one for one in pipelines if one.body.get("production") is None]:
        return sealed(Status.IN_PROGRESS, f"“{waiting[0].key}” was measured in development only.", *waiting)
    return sealed(Status.MET, f"In production {_count(len(pipelines))} no worse than in development.", *pipelines)


def loss(body: dict[str, Any]) -> Decimal:
    """By how many % of development's outcome a pipeline does worse in production; below 0 if it does better. Worse than
    an outcome of nothing is 100 %."""
    before, after = Decimal(body["development"]["value"]), Decimal(body["production"]["value"])
    worse = before - after if body["better"] == "higher" else after - before
    if before == 0:
        return Decimal(100) if worse > 0 else Decimal(0)
    return 100 * worse / abs(before)


def _measured(pipeline: Sealed) -> date:
    return date.fromisoformat(pipeline.body["production"]["measured_on"])


def _of_paper(paper: Sealed) -> dict[str, int]:
    """The levels that were given, by the dimension's name; the short form leaves some open."""
    return {name: int(paper.body[key]) for key, name in DIMENSIONS.items() if paper.body.get(key) is not None}


def _levels(paper: Sealed) -> str:
    return ", ".join(f"{name} {level}" for name, level in _of_paper(paper).items())


def _first(blockers: list[Sealed]) -> str:
    more = f" and {len(blockers) - 1} more" if len(blockers) > 1 else ""
    return f"“{blockers[0].key}”{more}"


def _count(pipelines: int) -> str:
    return "its pipeline does" if pipelines == 1 else f"its {pipelines} pipelines do"


def _own_data(system: SystemFacts) -> bool:
    """What is bought ready brings its own pipelines."""
    return system.sourcing != "buy"


CHECKS = (
    Check(
        id="platform.data_readiness_sealed",
        version=1,
        title="Data readiness assessed",
        domain="platform",
        question="Has someone assessed how ready its data is, on all five sides?",
        load=latest_sealed(READINESS),
        judge=judge_sealed,
        remedy=f"records/{READINESS}/edit/",
        remedy_label="Assess the data",
        protects="cio",
        effort=1.0,
    ),
    Check(
        id="platform.data_ready",
        version=1,
        title="Data ready for the next step",
        domain="platform",
        question="Is no side of its data below what its next step needs?",
        load=latest_sealed(READINESS),
        judge=judge_ready,
        remedy=f"records/{READINESS}/edit/",
        remedy_label="Mend the data and assess it anew",
        protects="cio",
        effort=10.0,
    ),
    Check(
        id="platform.blockers_owned",
        version=1,
        title="Blockers are owned and young",
        domain="platform",
        question="Does somebody own whatever blocks it, and clear it within 90 days?",
        load=(entries(BLOCKER), latest_sealed(READINESS)),
        judge=judge_blockers,
        remedy=f"records/{BLOCKER}/new/",
        remedy_label="Name what blocks it, and who clears it",
        protects="cio",
        effort=0.5,
    ),
    Check(
        id="platform.sources_named",
        version=1,
        title="Data sources registered",
        domain="platform",
        question="Are its data sources registered, each with a right to use it?",
        load=(latest_sealed(READINESS), organisation_register(SOURCE)),
        judge=judge_sources,
        remedy=f"records/{READINESS}/edit/",
        remedy_label="Name its data sources",
        protects="legal",
        effort=0.5,
    ),
    Check(
        id="platform.pipelines_sound",
        version=1,
        title="Pipelines hold in production",
        domain="platform",
        question="Do its pipelines do in production what they did in development?",
        load=entries(PIPELINE),
        judge=judge_pipelines,
        remedy=f"records/{PIPELINE}/new/",
        remedy_label="Register the pipeline with both outcomes",
        applies=_own_data,
        protects="cio",
        effort=2.0,
    ),
)
