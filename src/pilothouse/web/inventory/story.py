"""A system told in sentences, and the first things that nobody has said of it yet. Pure but for the row it is given."""

from __future__ import annotations

from dataclasses import dataclass

from pilothouse.kernel.inventory.models import Impact, PersonalData, Sourcing, Stage, System, Tier

SOURCED = {
    Sourcing.BUILD: "built here",
    Sourcing.BUY: "bought",
    Sourcing.API: "reached by API",
    Sourcing.MIXED: "partly built, partly bought",
}
DATA = {
    PersonalData.NONE: "It uses no personal data.",
    PersonalData.PERSONAL: "It uses personal data.",
    PersonalData.SPECIAL: "It uses special categories of personal data.",
}
TOUCHES = {
    Impact.NEITHER: "It is said to touch neither rights nor safety.",
    Impact.RIGHTS: "It is said to affect people's rights.",
    Impact.SAFETY: "It is said to affect people's safety.",
    Impact.BOTH: "It is said to affect people's rights and safety.",
    Impact.HIGH: "It is said to be high-impact.",
    Impact.PRESUMED_NOT: "It was presumed high-impact and determined not to be.",
}


def says(system: System) -> list[str]:
    """What it is, in sentences. What is not known is left out here; `first_gaps` names it."""
    sourced = SOURCED.get(Sourcing(system.sourcing), "")
    by = f" from {system.vendor}" if system.vendor else ""
    parts = [f"{sourced}{by}" if sourced or by else "", f"run by {system.unit}" if system.unit else ""]
    origin = ", ".join(part.strip() for part in parts if part.strip())
    technique = f"technique: {system.technique}" if system.technique else ""
    first = "; ".join(part for part in (origin, technique) if part)
    sentences = [f"{first[0].upper()}{first[1:]}." if first else ""]
    sentences += [f"It affects {_lower(system.affects)}" if system.affects else ""]
    sentences += [TOUCHES.get(Impact(system.impact), ""), DATA.get(PersonalData(system.personal_data), "")]
    return [sentence for sentence in sentences if sentence]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something nobody has said yet, why it matters, and where on the edit page it is said."""

    anchor: str
    title: str
    why: str


def first_gaps(system: System) -> list[Gap]:
    """What the inventory itself lacks, the most useful first."""
    missing = (
        (
            system.owner_id is None,
            Gap("owner", "Nobody owns it", "Without an owner no one is asked, and no one answers."),
        ),
        (not system.purpose, Gap("purpose", "No purpose", "What it is for decides what may go wrong.")),
        (not system.outcome, Gap("outcome", "No outcome", "Without an outcome its value cannot be shown or doubted.")),
        (
            bool(system.outcome) and not system.outcome_metric,
            Gap("outcome_metric", "No outcome metric", "An outcome that nothing shows cannot be measured."),
        ),
        (
            system.tier == Tier.UNKNOWN,
            Gap("intake", "Intake not answered", "A few questions set its tier: how much is asked of it."),
        ),
        (system.unit_id is None, Gap("unit", "No unit", "It belongs to no part of the organisation.")),
        (system.impact == Impact.UNKNOWN, Gap("impact", "Rights and safety unknown", "Nobody said whom it may touch.")),
        (
            system.personal_data == PersonalData.UNKNOWN,
            Gap("personal_data", "Personal data unknown", "Nobody said whether it uses data about people."),
        ),
        (
            system.sourcing in (Sourcing.BUY, Sourcing.API, Sourcing.MIXED) and not system.vendor,
            Gap("vendor", "Vendor not named", "It is bought, but nobody said from whom."),
        ),
    )
    return [gap for absent, gap in missing if absent]


def acts_next(system: System, gaps: list[Gap]) -> str:
    """Who should do what next, as far as the inventory itself can tell."""
    if system.stage in (Stage.RETIRED, Stage.REJECTED):
        return "Nobody: it is out of use."
    if system.owner is None:
        return f"Whoever runs {system.unit} names an owner." if system.unit else "Someone names a unit and an owner."
    if gaps:
        return f"{system.owner.name}: {gaps[0].title[0].lower()}{gaps[0].title[1:]}."
    return f"{system.owner.name}, when a check or a decision asks."


def _lower(text: str) -> str:
    text = text.strip()
    head = text[:1].lower() if text[1:2].islower() else text[:1]
    return f"{head}{text[1:]}" if text.endswith((".", "!", "?")) else f"{head}{text[1:]}."
