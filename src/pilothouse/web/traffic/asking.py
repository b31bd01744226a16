"""What the query string of a traffic page asks for, the same for pages, REST and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.traffic.periods import CHOICES, Period
from pilothouse.kernel.traffic.selectors import TITLES, asked_period
from pilothouse.kernel.warehouse.questions import DIMENSIONS


@dataclass(frozen=True, slots=True)
class Asked:
    """A period and what calls are narrowed to. `wrong` says what of the address was not understood."""

    period: Period
    values: Mapping[str, str]
    wrong: str = ""

    def query(self, **other: str | None) -> str:
        """The query string with some parameters changed; None takes one away."""
        found = QueryDict(mutable=True)
        for key, value in ({**dict(_pairs(self.period)), **self.values} | other).items():
            if value is not None:
                found[key] = value
        return found.urlencode()


def _pairs(period: Period) -> list[tuple[str, str]]:
    if period.key:
        return [("period", period.key)]
    return [("from", str(period.first)), ("to", str(period.last))]


def asked(actor: Actor, given: Mapping[str, Any]) -> Asked:
    """Read a page's address. What makes no sense is left out and told, never a fault."""
    values = {key: str(given[key])[:200] for key in DIMENSIONS if key in given}
    now = clock.now()
    key, first, last = (str(given.get(name) or "") for name in ("period", "from", "to"))
    if key and key != "custom" and not _typed(actor, now, given, key, first, last):
        first = last = ""
    if first or last:
        key = ""
    try:
        return Asked(asked_period(actor, now, key.replace("custom", ""), first, last), values)
    except Invalid as error:
        return Asked(asked_period(actor, now), values, error.detail)


def _typed(actor: Actor, now: datetime, given: Mapping[str, Any], key: str, first: str, last: str) -> bool:
    """Whether somebody typed dates and left the choice beside them as it stood: then the dates are what they want."""
    if given.get("shown") != f"period={key}":
        return False
    try:
        chosen = asked_period(actor, now, key)
    except Invalid:
        return False
    return bool(first or last) and (first, last) != (str(chosen.first), str(chosen.last))


def dimension(given: Mapping[str, Any], known: tuple[str, ...] = DIMENSIONS) -> str:
    """By what a page groups; the system when it does not say, or says what cannot be."""
    wanted = str(given.get("by") or "system")
    return wanted if wanted in known else "system"


def frame(slug: str, current: str, asking: Asked | None = None) -> dict[str, Any]:
    """What every page of traffic shows around its content: the tabs, and the choice of a period."""

    def at(name: str) -> str:
        query = f"?{asking.query()}" if asking and name not in ("live", "budgets", "upstreams") else ""
        return reverse(f"traffic:{name}", kwargs={"slug": slug}) + query

    tabs = [
        ("live", "Live", at("live")),
        ("usage", "Usage and cost", at("usage")),
        ("refusals", "Refusals", at("refusals")),
        ("findings", "Findings", at("findings")),
        ("budgets", "Budgets", at("budgets")),
        ("upstreams", "Upstreams", at("upstreams")),
    ]
    return {
        "tabs": tabs,
        "current": current,
        "asked": asking,
        "periods": CHOICES,
        "dimensions": [(key, TITLES[key]) for key in DIMENSIONS],
        "titles": TITLES,
    }
