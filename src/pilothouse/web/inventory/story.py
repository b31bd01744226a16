"""A system told in sentences. Pure but for the row it is given."""

from __future__ import annotations

from pilothouse.kernel.inventory.models import Impact, PersonalData, Sourcing, System

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
    """What it is, in sentences. What is not known is left out here; the gaps name it."""
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


def _lower(text: str) -> str:
    text = text.strip()
    head = text[:1].lower() if text[1:2].islower() else text[:1]
    return f"{head}{text[1:]}" if text.endswith((".", "!", "?")) else f"{head}{text[1:]}."
