"""The rulebooks that ship. An organisation adopts one and makes it its own."""

from __future__ import annotations

from dataclasses import dataclass

from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rulebooks import enterprise, eu_high_risk, sme_light, us_federal


@dataclass(frozen=True, slots=True)
class Shipped:
    """A rulebook as it comes with the product."""

    key: str
    title: str
    body: RulebookBody


SHIPPED: dict[str, Shipped] = {
    book.key: book
    for book in (
        Shipped("sme_light", "SME light", sme_light.BODY),
        Shipped("enterprise", "Enterprise", enterprise.BODY),
        Shipped("us_federal", "US federal", us_federal.BODY),
        Shipped("eu_high_risk", "EU high-risk", eu_high_risk.BODY),
    )
}
DEFAULT = "sme_light"
