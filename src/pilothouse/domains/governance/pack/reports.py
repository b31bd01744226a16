"""The files of a pack beside its own: the PDF, the bill of materials, the model card, OSCAL assessment results."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pilothouse.contracts.canonical import canonical
from pilothouse.domains.governance.pack import oscal
from pilothouse.domains.governance.pack.bill.gathering import bill_of
from pilothouse.domains.governance.pack.bill.writing import written as bill_written
from pilothouse.domains.governance.pack.card import card
from pilothouse.domains.governance.pack.material import Material
from pilothouse.domains.governance.pack.paper.telling import told
from pilothouse.domains.governance.pack.sections import JudgedSection
from pilothouse.domains.governance.pack.writers import FOLDER, writer
from pilothouse.kernel.reports.pdf import pdf

TEMPLATE = Path(__file__).parent / "paper" / "paper.typ"


@writer("paper")
def paper(material: Material, sections: tuple[JudgedSection, ...]) -> dict[str, bytes]:
    """`audit-pack.pdf`, and `audit-pack.json` whose hash stands at the foot of each of its pages."""
    data = told(material, sections)
    facts = canonical(data)
    seal = hashlib.sha256(facts).hexdigest()
    return {
        f"{FOLDER}audit-pack.json": facts,
        f"{FOLDER}audit-pack.pdf": pdf(TEMPLATE, data | {"seal": seal}, at=material.as_of),
    }


@writer("bill")
def bill(material: Material, sections: tuple[JudgedSection, ...]) -> dict[str, bytes]:
    """`bom.cdx.json`: CycloneDX 1.7."""
    return {f"{FOLDER}bom.cdx.json": bill_written(bill_of(material))}


@writer("card")
def model_card(material: Material, sections: tuple[JudgedSection, ...]) -> dict[str, bytes]:
    """`model-card.md`."""
    return {f"{FOLDER}model-card.md": card(material).encode()}


@writer("oscal")
def assessment(material: Material, sections: tuple[JudgedSection, ...]) -> dict[str, bytes]:
    """`assessment-results.json`: OSCAL 1.2."""
    return {f"{FOLDER}assessment-results.json": oscal.written(material, sections)}
