"""What the demo's people write in the ten domains: one file a domain, each with what it keeps about a system and about
the organisation. All of it is invented, and fits the system's technique, sourcing and unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pilothouse.demo.papers import (
    architecture,
    economics,
    experience,
    governance,
    mlops,
    model_lifecycle,
    platform,
    security,
    strategy,
    talent,
)
from pilothouse.demo.papers.case import Case, Firm

Paper = tuple[str, dict[str, Any]]

DOMAINS = (
    strategy,
    platform,
    security,
    architecture,
    model_lifecycle,
    mlops,
    experience,
    governance,
    talent,
    economics,
)


def of_firm(firm: Firm) -> Iterator[Paper]:
    """What is kept about the organisation, in an order in which nothing refers to what comes later."""
    for domain in DOMAINS:
        yield from domain.of_firm(firm)


def before_pilot(case: Case) -> Iterator[Paper]:
    """What a careful owner writes before a pilot."""
    for domain in DOMAINS:
        yield from domain.before_pilot(case)


def before_production(case: Case) -> Iterator[Paper]:
    """What a careful owner writes before production."""
    for domain in DOMAINS:
        yield from domain.before_production(case)
